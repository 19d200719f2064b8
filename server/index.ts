import { composeUpsert } from "./contact-traits.ts";
import { Courier } from "./courier/courier.ts";
import { type Connection, createApp } from "./http/app.ts";
import { RateLimit } from "./http/rate-limits.ts";
import { readWidgetFiles } from "./http/widget-files.ts";
import type { Parts } from "./identify.ts";
import { createFingerprint } from "./ledger/fingerprint.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import { createLog, type Log } from "./log.ts";
import { proveByApp } from "./proof/authenticate.ts";
import { proveByJwt } from "./proof/jwt.ts";
import { verifyByIssuer } from "./proof/oidc.ts";
import { IssuerKeys } from "./proof/oidc-keys.ts";
import type { Prove } from "./proof/proof.ts";
import { countSecretUse, type SecretUseCounter } from "./proof/secret-use.ts";
import { proveBySession } from "./proof/session.ts";
import { useProofsOnce } from "./proof/use-once.ts";
import { proveByUserHash } from "./proof/user-hash.ts";
import { checkSettings, type ExchangeOptions, type Settings } from "./settings.ts";
import { keyringOf, openKeyring } from "./token/keyring.ts";
import { signingKeyOf } from "./token/signing-key.ts";
import { TokenSigner } from "./token/token.ts";
import { createVambeClient } from "./vambe/client.ts";

export type { AppUser, Authenticate } from "./proof/authenticate.ts";
export type { IdentifyAnswer, IgnoredTrait, ProblemBody } from "./protocol.ts";
export { type ExchangeOptions, type SettingMistake, SettingsError } from "./settings.ts";

export interface Exchange {
  /**
   * Answers one request. Mount it where `publicUrl` points. Without the connection's `address` requests are
   * counted by user only, not by where they come from.
   */
  fetch(request: Request, connection?: Connection): Promise<Response>;
  /** Resolves when the database is open and the signing key is there; rejects where that fails. */
  ready: Promise<void>;
  /** Lets what is under way end, at most about ten seconds, and closes the database. What is queued stays there. */
  close(): Promise<void>;
}

/**
 * The exchange as a standard `Request → Response` handler, to mount in an app of one's own.
 * @throws {SettingsError} with every option that is wrong.
 */
export function createExchange(
  options: ExchangeOptions,
  { log = createLog((line) => process.stdout.write(`${line}\n`)) }: { log?: Log } = {},
): Exchange {
  const settings = checkSettings(options);
  const opening = open(settings, log);
  const ready = opening.then(() => {});
  ready.catch(() => {});
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  return {
    ready,
    fetch: (request, connection) => {
      const answer = opening.then(({ fetch }) => fetch(request, connection));
      const answered = answer.catch(() => {}).finally(() => underWay.delete(answered));
      underWay.add(answered);
      return answer;
    },
    close: () => {
      closing ??= opening.then(
        async ({ courier, secretUse, ledger }) => {
          await courier.stop();
          await Promise.all(underWay);
          await secretUse.close();
          await ledger.close();
        },
        () => {},
      );
      return closing;
    },
  };
}

async function open(settings: Settings, log: Log) {
  const widget = readWidgetFiles();
  const { ledger, keyring } = await openDatabase(settings, log);
  const secretUse = countSecretUse(ledger, log);
  const courier = new Courier({
    ledger,
    vambe: createVambeClient(settings),
    compose: (delivery) => composeUpsert(delivery, settings),
    log,
    maxRate: settings.maxRate,
  });
  const parts: Parts = {
    settings,
    proofs: {
      kinds: kindsOfProof(settings, secretUse, log),
      allowUnverified: settings.allowUnverified,
      unprovenTraits: settings.unprovenTraits,
      useOnce: settings.proofOnce ? useProofsOnce(ledger, log) : undefined,
    },
    ledger,
    courier,
    perAddress: new RateLimit("address", settings.rateLimit, settings.apiKey, ledger.shared),
    perUser: new RateLimit("user", Math.ceil(settings.rateLimit / 2), settings.apiKey, ledger.shared),
    tokens: new TokenSigner(keyring, settings.publicUrl),
    log,
  };
  courier.start();
  const app = createApp(parts, widget);
  return {
    fetch: async (request: Request, connection: Connection = {}) => app.fetch(request, connection),
    courier,
    secretUse,
    ledger,
  };
}

/** The ledger, ready to deliver from, and the keys that stand in it. */
async function openDatabase(settings: Settings, log: Log) {
  const ledger = openLedger(settings.databaseUrl, createFingerprint(settings.apiKey));
  try {
    await ledger.takeOver();
    const keyring = settings.signingKey
      ? keyringOf(await signingKeyOf(JSON.parse(settings.signingKey)))
      : await openKeyring(ledger, log);
    return { ledger, keyring };
  } catch (error) {
    await ledger.close().catch(() => {});
    throw error;
  }
}

/** Each kind that the settings ask for, in order of preference. */
function kindsOfProof(settings: Settings, secretUse: SecretUseCounter, log: Log): Prove[] {
  const { identitySecrets, oidcIssuer, oidcAudience, sessionUrl, sessionFields } = settings;
  const hashSecrets = settings.userHashSecrets.length > 0 ? settings.userHashSecrets : identitySecrets;
  const byIssuer = oidcIssuer && verifyByIssuer(new IssuerKeys(oidcIssuer, { log }), oidcAudience);
  return [
    proveByJwt(
      identitySecrets,
      (index, kid) => secretUse.verified(identitySecrets[index], kid),
      byIssuer || undefined,
      { keepVerified: !settings.proofOnce },
    ),
    proveByUserHash(hashSecrets, {
      proofOnce: settings.proofOnce,
      verified: (index) => secretUse.verified(hashSecrets[index], undefined),
    }),
    proveByApp(settings.authenticate),
    ...(sessionUrl ? [proveBySession({ url: sessionUrl, fields: sessionFields, log })] : []),
  ];
}

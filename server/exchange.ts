import { composeUpsert } from "./claim/choose-traits.ts";
import { Courier } from "./delivery/delivery-loop.ts";
import type { Answer, Call } from "./http/call.ts";
import { createIdentifyCalls } from "./http/endpoint/identify.ts";
import { readWidgetFiles } from "./http/endpoint/widget-files.ts";
import { PageAnswers } from "./http/page-answers.ts";
import { RateLimit } from "./http/rate-limit.ts";
import { type Connection, createApp } from "./http/routes.ts";
import type { Parts } from "./identify.ts";
import { UnderWay } from "./in-flight.ts";
import { createFingerprint } from "./ledger/fingerprint.ts";
import { openLedger } from "./ledger/open.ts";
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
import { checkSettings, type ExchangeOptions, type Settings } from "./settings/check-settings.ts";
import { writeLine } from "./standard-output.ts";
import { keyringOf, openKeyring } from "./token/keyring.ts";
import { signingKeyOf } from "./token/signing-key.ts";
import { TokenSigner } from "./token/token.ts";
import { createVambeClient } from "./vambe/client.ts";

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

/** An exchange behind a server that knows it better than a standard handler. */
export interface ServedExchange extends Exchange {
  /** Answers a `POST /identify`, as `fetch` does. */
  identify(call: Call): Promise<Answer>;
}

export interface Surroundings {
  log?: Log;
}

/** @throws {SettingsError} with every option that is wrong. */
export function startExchange(
  options: ExchangeOptions,
  { log = createLog(writeLine) }: Surroundings = {},
): ServedExchange {
  const settings = checkSettings(options);
  const opening = open(settings, log);
  let opened: Awaited<typeof opening> | undefined;
  const ready = opening.then((open) => {
    opened = open;
  });
  ready.catch(() => {});
  const underWay = new UnderWay();
  let closing: Promise<void> | undefined;
  return {
    ready,
    fetch: (request, connection = {}) =>
      underWay.until(
        opened?.fetch(request, connection) ?? opening.then(({ fetch }) => fetch(request, connection)),
      ),
    identify: (call) =>
      underWay.until(opened?.identify(call) ?? opening.then(({ identify }) => identify(call))),
    close: () => {
      closing ??= opening.then(
        async ({ courier, secretUse, ledger }) => {
          await courier.stop();
          await underWay.ended();
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
  const answers = new PageAnswers(settings, log);
  const calls = createIdentifyCalls(parts, answers);
  return {
    fetch: createApp(parts, answers, calls, widget),
    identify: calls.identify,
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
    ),
    proveByUserHash(hashSecrets, {
      proofOnce: settings.proofOnce,
      verified: (index) => secretUse.verified(hashSecrets[index], undefined),
    }),
    proveByApp(settings.authenticate),
    ...(sessionUrl ? [proveBySession({ url: sessionUrl, fields: sessionFields, log })] : []),
  ];
}

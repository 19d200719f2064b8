import { composeUpsert } from "./contact-traits.ts";
import { Courier } from "./courier/courier.ts";
import { createApp } from "./http/app.ts";
import { readWidgetFiles } from "./http/widget-files.ts";
import type { Parts } from "./identify.ts";
import { createFingerprint } from "./ledger/fingerprint.ts";
import { SqliteLedger } from "./ledger/sqlite.ts";
import { createLog, type Log } from "./log.ts";
import { proveByJwt } from "./proof/jwt.ts";
import { checkSettings, type ExchangeOptions, type Settings } from "./settings.ts";
import { keptSigningKey } from "./token/signing-key.ts";
import { TokenSigner } from "./token/token.ts";
import { createVambeClient } from "./vambe/client.ts";

export type { IdentifyAnswer, IgnoredTrait, ProblemBody } from "./protocol.ts";
export { type ExchangeOptions, type SettingMistake, SettingsError } from "./settings.ts";

export interface Exchange {
  /** Answers one request. Mount it where `publicUrl` points. */
  fetch(request: Request): Promise<Response>;
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
    fetch: (request) => {
      const answer = opening.then(({ fetch }) => fetch(request));
      const answered = answer.catch(() => {}).finally(() => underWay.delete(answered));
      underWay.add(answered);
      return answer;
    },
    close: () => {
      closing ??= opening.then(
        async ({ courier, ledger }) => {
          await courier.stop();
          await Promise.all(underWay);
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
  const path =
    settings.databaseUrl === "memory:" ? ":memory:" : settings.databaseUrl.replace(/^file:(\/\/)?/, "");
  const ledger = new SqliteLedger(path, createFingerprint(settings.apiKey));
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
      kinds: [proveByJwt(settings.identitySecrets)],
      allowUnverified: settings.allowUnverified,
      unprovenTraits: settings.unprovenTraits,
    },
    ledger,
    courier,
    tokens: new TokenSigner(await keptSigningKey(ledger), settings.publicUrl),
    log,
  };
  courier.start();
  const app = createApp(parts, widget);
  return { fetch: async (request: Request) => app.fetch(request), courier, ledger };
}

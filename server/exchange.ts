import { createProveClaim } from "./claim/prove-claim.ts";
import { warnOfOtherChannels } from "./delivery/backlog.ts";
import { DeliveryLoop } from "./delivery/delivery-loop.ts";
import { Admission } from "./http/admission/admission.ts";
import { type AnswerCall, createCore } from "./http/core.ts";
import { type Connection, createFetchHandler } from "./http/edge/fetch.ts";
import { PageAnswers } from "./http/page-answers.ts";
import { createRoutes } from "./http/routes.ts";
import { readWidgetFiles } from "./http/widget-files.ts";
import { InFlight } from "./in-flight.ts";
import { DataKey } from "./ledger/data-key.ts";
import { openLedger } from "./ledger/open.ts";
import { unlock } from "./ledger/unlock.ts";
import { createLog, type Log } from "./log.ts";
import { kindsOfProof, nothingCame } from "./proof/kinds.ts";
import { countSecretUse } from "./proof/secret-use.ts";
import { useProofsOnce } from "./proof/use-once.ts";
import { sampleLog } from "./sampled-log.ts";
import { checkSettings, type ExchangeOptions, type Settings } from "./settings/check-settings.ts";
import { issuersIn } from "./settings/issuers.ts";
import { writeLine } from "./standard-output.ts";
import { keyringOf, openKeyring } from "./token/keyring.ts";
import { signingKeyOf } from "./token/signing-key.ts";
import { TokenSigner } from "./token/token.ts";
import { createVambeClient } from "./vambe/client.ts";
import { composeUpsert } from "./vambe/compose-upsert.ts";
import { signForWebchat } from "./vambe/webchat-token.ts";

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

/** An exchange whose core another edge can ask. */
export interface ServedExchange extends Exchange {
  /** Rejects only where the exchange could not be opened. */
  answer: AnswerCall;
  /** Before `close`: tells the pages that wait, and resolves when no delivery is under way. */
  endDeliveries(): Promise<void>;
}

/** How long what is under way may take at the end, in milliseconds. */
const END_MS = 10_000;

export interface Surroundings {
  log?: Log;
  /** Aborted when a stop is about to come: from then on `/readyz` says no, and all else is answered as before. */
  stopping?: AbortSignal;
}

/** @throws {SettingsError} with every option that is wrong. */
export function startExchange(
  options: ExchangeOptions,
  { log = createLog(writeLine), stopping }: Surroundings = {},
): ServedExchange {
  const settings = checkSettings(options);
  const opening = open(settings, log, stopping);
  let answerNow: AnswerCall | undefined;
  const ready = opening.then((opened) => {
    answerNow = opened.answer;
  });
  ready.catch(() => {});
  const inFlight = new InFlight();
  const answer: AnswerCall = (call) =>
    inFlight.until(answerNow?.(call) ?? opening.then((opened) => opened.answer(call)));
  const handle = createFetchHandler(answer, settings.publicUrl);
  let closing: Promise<void> | undefined;
  return {
    ready,
    answer,
    fetch: (request, connection = {}) => handle(request, connection),
    endDeliveries: () =>
      opening.then(
        ({ deliveries }) => deliveries.stop(),
        () => {},
      ),
    close: () => {
      closing ??= opening.then(
        async (opened) => {
          const until = performance.now() + END_MS;
          await opened.deliveries.stop();
          await inFlight.ended(Math.max(0, until - performance.now()));
          if (inFlight.size > 0)
            log.warn("requests had not ended and were given up", { count: inFlight.size });
          opened.flushLog();
          await opened.secretUse.close();
          await opened.ledger.close();
        },
        () => {},
      );
      return closing;
    },
  };
}

async function open(settings: Settings, log: Log, stopping: AbortSignal | undefined) {
  const widget = readWidgetFiles();
  const { ledger, keyring } = await openDatabase(settings, log);
  const secretUse = countSecretUse(ledger, log);
  const deliveries = new DeliveryLoop({
    ledger,
    vambe: createVambeClient(settings),
    compose: (delivery) => composeUpsert(delivery, settings),
    lists: (fieldKey) => Object.values(settings.fields).includes(fieldKey),
    log,
    maxRate: settings.maxRate,
  });
  deliveries.start();
  await warnOfOtherChannels(ledger, log);
  const { allowUnverified, unprovenTraits } = settings;
  // What requests bring about, a flood can.
  const sampled = sampleLog(log);
  const useOnce = settings.proofOnce ? useProofsOnce(ledger, sampled) : undefined;
  const [webchatSecret] = settings.webchatSecrets;
  const proofSettings = { ...settings, issuers: issuersIn(settings) };
  const kinds = kindsOfProof(proofSettings, secretUse, sampled);
  const answers = new PageAnswers(settings, sampled);
  const admission = new Admission(settings, ledger.shared, log);
  const routes = createRoutes({
    prove: createProveClaim(
      { kinds, nothingCame: nothingCame(proofSettings), allowUnverified, unprovenTraits, useOnce },
      settings,
    ),
    admission,
    ledger,
    deliveries,
    tokens: new TokenSigner(keyring, settings.publicUrl),
    signForWebchat: webchatSecret ? signForWebchat(webchatSecret, settings.webchatIdClaim) : undefined,
    health: { ledger, deliveries, stopping },
    widget,
    settings,
    answers,
    log: sampled,
  });
  return {
    answer: createCore(routes, answers, admission),
    deliveries,
    secretUse,
    ledger,
    flushLog: sampled.flush,
  };
}

/** The ledger, ready to deliver from, and the keys that stand in it. */
async function openDatabase(settings: Settings, log: Log) {
  const { databaseUrl, apiKey, apiKeyPrevious, channelId } = settings;
  const key = new DataKey();
  const ledger = openLedger(databaseUrl, key, channelId, log.warn, log.info);
  try {
    await unlock(key, ledger, { apiKey, previous: apiKeyPrevious });
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

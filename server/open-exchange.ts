import { ClaimCache } from "./claim/claim-cache.ts";
import { createProveClaim } from "./claim/prove-claim.ts";
import { readPhoneFor } from "./claim/read-phone-for.ts";
import { deliveriesFor } from "./deliveries-for.ts";
import { warnOfOtherChannels } from "./delivery/backlog.ts";
import type { IdentifyCounter } from "./enforcement/identify-counter.ts";
import { sayShareProven } from "./enforcement/share-log.ts";
import { Admission } from "./http/admission/admission.ts";
import { type AnswerCall, createCore } from "./http/core.ts";
import type { PageAnswers } from "./http/page-answers.ts";
import { createRoutes } from "./http/routes.ts";
import type { WidgetFiles } from "./http/widget-files.ts";
import type { Ledger } from "./ledger/contract/ledger.ts";
import { COUNTED_UP_TO } from "./ledger/contract/outbox.ts";
import { DataKey } from "./ledger/data-key.ts";
import { openLedger } from "./ledger/open.ts";
import { ProvenWrites } from "./ledger/proven-writes.ts";
import { renamedFields } from "./ledger/renamed-fields.ts";
import { unlock } from "./ledger/unlock.ts";
import type { Log } from "./log.ts";
import type { Readings, Tell } from "./observer.ts";
import type { ReadPhone } from "./phone/e164.ts";
import { kindsOfProof, nothingCame } from "./proof/kinds.ts";
import { countSecretUse } from "./proof/secret-use.ts";
import { useProofsOnce } from "./proof/use-once.ts";
import { channelsOf } from "./settings/channels-of.ts";
import type { Settings } from "./settings/check-settings.ts";
import { issuersIn } from "./settings/issuers.ts";
import { type Keyring, keyringOf, openKeyring } from "./token/keyring.ts";
import { signingKeyOf } from "./token/signing-key.ts";
import { TokenSigner } from "./token/token.ts";
import { signForWebchat } from "./vambe/webchat-token.ts";

const DAY_MS = 24 * 3600_000;

/** An exchange whose database is open, and that delivers. */
export interface OpenExchange {
  answer: AnswerCall;
  /** Tells the pages that wait, and resolves when no delivery is under way. */
  endDeliveries(): Promise<void>;
  /** How many rows wait to be sent. */
  waiting(): Promise<number>;
  readings(): Omit<Readings, "inFlight">;
  ledger: Ledger;
  /** After that: closes the database. */
  close(): Promise<void>;
}

export interface Around {
  settings: Settings;
  widget: WidgetFiles;
  log: Log;
  /** The same for what requests bring about, since a flood can. */
  sampled: Log;
  answers: PageAnswers;
  tell: Tell;
  /** Told of what happens already; it writes to the ledger from now on. */
  counter: IdentifyCounter;
  /** Aborted when a stop is about to come. */
  stopping?: AbortSignal | undefined;
}

/** Opens the database and begins to deliver. What it has opened is closed again where it fails. */
export async function openExchange(around: Around): Promise<OpenExchange> {
  const opened = await openDatabase(around.settings, around.log);
  const { ledger } = opened;
  try {
    await warnOfOtherChannels(ledger, around.log);
    return start(around, opened);
  } catch (error) {
    await ledger.close().catch(() => {});
    throw error;
  }
}

interface OpenDatabase {
  ledger: Ledger;
  key: DataKey;
  keyring: Keyring;
  readPhone: ReadPhone | undefined;
}

function start(around: Around, { ledger, key, keyring, readPhone }: OpenDatabase): OpenExchange {
  const { settings, widget, answers, log, sampled, tell, counter, stopping } = around;
  const secretUse = countSecretUse(ledger, log);
  const deliveries = deliveriesFor(settings, { ledger, log, tell });
  const { allowUnverified, unprovenTraits } = settings;
  const useOnce = settings.proofOnce ? useProofsOnce(ledger, sampled) : undefined;
  const [webchatSecret] = settings.webchatSecrets;
  const proofSettings = { ...settings, issuers: issuersIn(settings) };
  const kinds = kindsOfProof(proofSettings, secretUse, sampled);
  const admission = new Admission(settings, ledger.shared, log);
  const claims = new ClaimCache();
  const target = { ...settings, readPhone };
  const writes = new ProvenWrites(ledger);
  const tokens = new TokenSigner(keyring, settings.publicUrl);
  const routes = createRoutes({
    prove: createProveClaim(
      { kinds, nothingCame: nothingCame(proofSettings), allowUnverified, unprovenTraits, useOnce, readPhone },
      target,
      claims,
    ),
    admission,
    ledger,
    writes,
    refreshAfterMs: settings.refreshAfter === 0 ? undefined : settings.refreshAfter * DAY_MS,
    deliveries,
    tokens,
    signForWebchat: webchatSecret ? signForWebchat(webchatSecret, settings.webchatIdClaim) : undefined,
    health: { ledger, writes, deliveries, stopping },
    widget,
    operatorKey: key,
    settings,
    answers,
    log: sampled,
  });
  counter.writeTo(ledger);
  const endShareLog = allowUnverified ? sayShareProven(ledger, log) : () => {};
  deliveries.start();
  return {
    answer: createCore(routes, answers, admission),
    endDeliveries: () => deliveries.stop(),
    waiting: async () => (await ledger.outbox(COUNTED_UP_TO)).pending,
    readings: () => ({
      deliveries: { ...deliveries.readings, perSecond: settings.maxRate },
      caches: { claims: claims.readings, tokens: tokens.readings },
    }),
    ledger,
    close: async () => {
      endShareLog();
      await counter.close();
      await secretUse.close();
      await ledger.close();
    },
  };
}

/** The ledger, ready to deliver from, and the keys that stand in it. */
async function openDatabase(settings: Settings, log: Log): Promise<OpenDatabase> {
  const { databaseUrl, apiKey, apiKeyPrevious } = settings;
  const key = new DataKey();
  const ledger = await openLedger(databaseUrl, key, channelsOf(settings), log.warn, log.info);
  try {
    await unlock(key, ledger, { apiKey, previous: apiKeyPrevious });
    key.namesNow = await renamedFields(ledger, settings.fields);
    await ledger.takeOver();
    const keyring = settings.signingKey
      ? keyringOf(await signingKeyOf(JSON.parse(settings.signingKey)))
      : await openKeyring(ledger, log);
    return { ledger, key, keyring, readPhone: await readPhoneFor(settings) };
  } catch (error) {
    await ledger.close().catch(() => {});
    throw error;
  }
}

import { existsSync } from "node:fs";
import { type DeliverySettings, deliveriesFor } from "../deliveries-for.ts";
import type { Deliveries } from "../delivery/deliveries.ts";
import type { Ledger } from "../ledger/contract/ledger.ts";
import { DataKey } from "../ledger/data-key.ts";
import { isPostgres, openExistingLedger, openLedger, pathIn } from "../ledger/open.ts";
import { renamedFields } from "../ledger/renamed-fields.ts";
import { unlock, unlockExisting } from "../ledger/unlock.ts";
import type { Log } from "../log.ts";
import { channelsOf } from "../settings/channels-of.ts";
import type { Settings } from "../settings/check-settings.ts";

export type CarrierSettings = DeliverySettings & Pick<Settings, "apiKeyPrevious" | "databaseUrl">;

/** For so long nobody has to deliver before the import does, in milliseconds: an exchange that starts again is there by then. */
const IDLE_MS = 5000;

/** Who carries what an import has recorded. */
export interface Carrier {
  ledger: Ledger;
  /** Whether that is an exchange that runs beside. */
  isBeside: boolean;
  /** Something has been recorded under these channels. */
  recorded(channelIds: Iterable<string>): void;
  /**
   * To be called now and then: where the exchange beside has ended, this process carries from now on; and where one starts,
   * that one does.
   */
  look(): Promise<void>;
  /** Lets what is under way end, and closes the database. */
  close(): Promise<void>;
}

/**
 * Opens the database. On PostgreSQL an import is one instance more; of an SQLite file one process alone may deliver, so
 * beside an exchange it only records, and that one delivers.
 */
export async function openCarrier(settings: CarrierSettings, log: Log): Promise<Carrier> {
  const { databaseUrl, apiKey, apiKeyPrevious: previous, fields } = settings;
  const path = fileOf(databaseUrl);
  const isBeside = path !== undefined && (await isServed(path));
  const key = new DataKey();
  const ledger = isBeside
    ? await openExistingLedger(databaseUrl, key)
    : await openLedger(databaseUrl, key, channelsOf(settings), log.warn, log.info);
  let deliveries: Deliveries | undefined;
  let isIdleSince = performance.now();
  const carry = async () => {
    await ledger.takeOver({ yields: true });
    deliveries = deliveriesFor(settings, { ledger, log, tell: { called: () => {}, settled: () => {} } });
    deliveries.start();
  };
  try {
    if (isBeside) await unlockExisting(key, ledger, { apiKey, previous });
    else await unlock(key, ledger, { apiKey, previous });
    key.namesNow = await renamedFields(ledger, fields);
    if (!isBeside) await carry();
  } catch (error) {
    await ledger.close().catch(() => {});
    throw error;
  }
  return {
    ledger,
    isBeside,
    recorded: (channelIds) => {
      for (const channelId of new Set(channelIds)) deliveries?.wake(channelId);
    },
    look: async () => {
      if (deliveries && ledger.isWanted()) {
        await deliveries.stop();
        deliveries = undefined;
        ledger.handOver();
        isIdleSince = performance.now();
      }
      if (deliveries || path === undefined) return;
      if (await isServed(path)) isIdleSince = performance.now();
      // One that starts again at this moment has it, and delivers.
      else if (performance.now() - isIdleSince > IDLE_MS) await carry().catch(() => ledger.handOver());
    },
    close: async () => {
      await deliveries?.stop();
      await ledger.close();
    },
  };
}

/** Of SQLite, where it is in one. */
const fileOf = (databaseUrl: string): string | undefined =>
  isPostgres(databaseUrl) ? undefined : pathIn(databaseUrl);

async function isServed(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const { servedBy } = await import("../ledger/sqlite/serving-lock.ts");
  return servedBy(path) !== undefined;
}

/** The database as it is, to look into; `undefined` where there is none yet. */
export async function openToLook({
  databaseUrl,
  apiKey,
  apiKeyPrevious: previous,
}: CarrierSettings): Promise<Ledger | undefined> {
  const path = fileOf(databaseUrl);
  if (path !== undefined && !existsSync(path)) return undefined;
  const key = new DataKey();
  const ledger = await openExistingLedger(databaseUrl, key);
  try {
    await unlockExisting(key, ledger, { apiKey, previous });
    return ledger;
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

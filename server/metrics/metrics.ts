import Registry from "prom-client/lib/registry.js";
import type { Ledger } from "../ledger/contract/ledger.ts";
import type { Observer, Readings } from "../observer.ts";
import { showDatabase } from "./database.ts";
import { countEvents } from "./events.ts";
import { type About, showProcess } from "./process.ts";
import { showReadings } from "./readings.ts";

/** Where the metrics come from that are not told of. */
export interface MetricsSource {
  readings(): Readings;
  /** `undefined` while the database has not been opened. */
  ledger(): Pick<Ledger, "outbox" | "oldestPending" | "identifyCounts"> | undefined;
  about: About;
}

export interface Metrics {
  /** To be among those who hear what happens. */
  observer: Observer;
  /** In Prometheus' text format. Rejects never because of the database: then `vambe_identity_database_up` is 0. */
  text(): Promise<string>;
  contentType: string;
  /** Ends the measuring of the event loop. */
  close(): void;
}

/** All metrics of an exchange. No label has a user's data, and each has values of a list. */
export function createMetrics({ readings, ledger, about }: MetricsSource): Metrics {
  const registry = new Registry();
  const observer = countEvents(registry);
  const ofReadings = showReadings(registry);
  const ofDatabase = showDatabase(registry, ledger);
  const ofProcess = showProcess(registry, about);
  return {
    observer,
    text: async () => {
      await ofDatabase.read();
      ofReadings(readings());
      ofProcess.read();
      return registry.metrics();
    },
    contentType: registry.contentType,
    close: ofProcess.close,
  };
}

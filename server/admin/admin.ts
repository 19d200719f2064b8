import { version } from "#built-in";
import type { ServedExchange } from "../exchange.ts";
import { kindOfDatabase } from "../ledger/open.ts";
import type { Log } from "../log.ts";
import { createMetrics } from "../metrics/metrics.ts";
import type { Observer, Readings } from "../observer.ts";
import type { Settings } from "../settings/check-settings.ts";
import { type Access, openAdminListener } from "./listener.ts";
import { Recent } from "./recent.ts";

/** The second listener: what it has to hear from the exchange, and how it opens. */
export interface Admin {
  observers: Observer[];
  /** @throws where the port cannot be had */
  open(exchange: ServedExchange, access: Access): Promise<void>;
}

/** Before the exchange is there. */
const NOTHING_READ: Readings = { inFlight: 0, deliveries: undefined, caches: undefined };

export function createAdmin(settings: Settings, log: Log): Admin {
  const recent = new Recent();
  const startedAt = Date.now();
  let exchange: ServedExchange | undefined;
  const ledger = () => exchange?.ledger();
  const metrics = createMetrics({
    readings: () => exchange?.readings() ?? NOTHING_READ,
    ledger,
    about: {
      version,
      database: kindOfDatabase(settings.databaseUrl),
      allowUnverified: settings.allowUnverified,
    },
  });
  return {
    observers: [recent, metrics.observer],
    open: async (opened, access) => {
      exchange = opened;
      const watched = { settings, startedAt, ledger, readings: opened.readings };
      await openAdminListener({ watched, recent, metrics, log }, access);
    },
  };
}

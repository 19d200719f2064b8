import type { ServedExchange } from "../exchange.ts";
import type { Log } from "../log.ts";
import { createMetrics } from "../metrics/metrics.ts";
import type { Observer } from "../observer.ts";
import type { Settings } from "../settings/check-settings.ts";
import { type Access, openAdminListener } from "./listener.ts";
import { Recent } from "./recent.ts";

/** The second listener: what it has to hear from the exchange, and how it opens. */
export interface Admin {
  observers: Observer[];
  /** @throws where the port cannot be had */
  open(exchange: ServedExchange, access: Access): Promise<void>;
}

export function createAdmin(settings: Settings, log: Log): Admin {
  const recent = new Recent();
  const startedAt = Date.now();
  let exchange: ServedExchange | undefined;
  const metrics = createMetrics({});
  return {
    observers: [recent, metrics.observer],
    open: async (opened, access) => {
      exchange = opened;
      const watched = { settings, startedAt, ledger: () => exchange?.ledger(), readings: opened.readings };
      await openAdminListener({ watched, recent, metrics, log }, access);
    },
  };
}

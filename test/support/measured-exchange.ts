import { createMetrics } from "../../server/metrics/metrics.ts";
import type { ExchangeOptions } from "../../server/settings/exchange-options.ts";
import { eventually } from "./eventually.ts";
import { startObserved } from "./observed-exchange.ts";

/** The exchange in this process with its metrics, as the admin listener wires them. */
export async function startMeasured(changes: Partial<ExchangeOptions> = {}) {
  const metrics = createMetrics({
    readings: () => world.exchange.readings(),
    ledger: () => world.exchange.ledger(),
    about: { version: "1.2.3", database: "SQLite", allowUnverified: changes.allowUnverified ?? false },
  });
  const world = await startObserved([metrics.observer], changes);
  const close = world[Symbol.asyncDispose];
  const scrape = async () => samplesIn(await metrics.text());
  return Object.assign(world, {
    metrics,
    scrape,
    /** Scrapes until a sample is as it should be, and returns all that stood beside it. */
    scrapeUntil: async (name: string, isIt: (value: number) => boolean) => {
      let found = new Map<string, number>();
      await eventually(
        name,
        async () => {
          found = await scrape();
          return isIt(found.get(name) ?? Number.NaN);
        },
        { withinMs: 45_000 },
      );
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      metrics.close();
      await close();
    },
  });
}

/** `name{label="value"}` → its value, of each sample in Prometheus' text. */
export function samplesIn(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** What each metric is called, of which type it is, and what it says of itself. */
export function metricsIn(text: string): { name: string; type: string; help: string }[] {
  return [...text.matchAll(/^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)$/gm)].map(
    ([, name = "", help = "", type = ""]) => ({ name, type, help }),
  );
}

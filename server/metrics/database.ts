import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";
import { oldestAgeSeconds } from "../delivery/backlog.ts";
import { aDayBefore, type ShareProven, shareProven } from "../enforcement/share-proven.ts";
import type { Ledger } from "../ledger/contract/ledger.ts";
import { COUNTED_UP_TO, type OutboxCounts, WAITING_STATES } from "../ledger/contract/outbox.ts";
import { onceASecond } from "../once-a-second.ts";
import { within } from "../within.ts";

/** A scrape waits no longer for the database, in milliseconds: Prometheus itself gives up after ten seconds. */
const PATIENCE_MS = 5000;
/** How long the share of proven identifies serves, in milliseconds: it moves slowly. */
const SHARE_KEPT_MS = 60_000;

type Asked = Pick<Ledger, "outbox" | "oldestPending" | "identifyCounts">;

interface Found {
  counts: OutboxCounts;
  ageSeconds: number;
  tookMs: number;
}

/** What only the database knows. Where it fails, that is shown, and what it would say is left out. */
export function showDatabase(
  registry: Registry,
  ledger: () => Asked | undefined,
  patienceMs = PATIENCE_MS,
): { read(): Promise<void> } {
  const registers = [registry];
  const up = new Gauge({
    name: "vambe_identity_database_up",
    help: "1 where the database answers.",
    registers,
  });
  const duration = new Gauge({
    name: "vambe_identity_database_read_seconds",
    help: "How long the database took to say what waits, at the last look.",
    registers,
  });
  const rows = new Gauge({
    name: "vambe_identity_backlog_rows",
    help: `Contacts that are not whole at Vambe yet, by their state, over all instances; counted up to ${COUNTED_UP_TO}.`,
    labelNames: ["state"],
    registers,
  });
  const oldest = new Gauge({
    name: "vambe_identity_backlog_oldest_age_seconds",
    help: "How long the pending contact has waited that has waited the longest, over all instances; 0 where none is pending.",
    registers,
  });
  const identifies = new Gauge({
    name: "vambe_identity_last_day_identifies",
    help: "Users who were identified in the last 24 hours, over all instances.",
    registers,
  });
  const proven = new Gauge({
    name: "vambe_identity_last_day_proven_ratio",
    help: "The part of these that came with a proof that held, from 0 to 1; left out where there were none.",
    registers,
  });

  let share: ShareProven | undefined;
  let shareReadAt = Number.NEGATIVE_INFINITY;
  const look = onceASecond(() => within(patienceMs, lookInto(ledger())));

  async function lookInto(asked: Asked | undefined): Promise<Found> {
    if (!asked) throw new Error("the database is not open");
    const began = performance.now();
    const now = Date.now();
    const counts = await asked.outbox(COUNTED_UP_TO);
    const ageSeconds = (await oldestAgeSeconds(asked, now)) ?? 0;
    const tookMs = performance.now() - began;
    if (performance.now() - shareReadAt >= SHARE_KEPT_MS) {
      share = shareProven(await asked.identifyCounts(aDayBefore(now)));
      shareReadAt = performance.now();
    }
    return { counts, ageSeconds, tookMs };
  }

  function show(found: Found | undefined): void {
    up.set(found ? 1 : 0);
    for (const gauge of [duration, oldest, identifies, proven]) gauge.remove();
    rows.reset();
    if (!found) return;
    duration.set(found.tookMs / 1000);
    oldest.set(found.ageSeconds);
    for (const state of WAITING_STATES) rows.set({ state }, found.counts[state]);
    if (!share) return;
    identifies.set(share.identifies);
    if (share.identifies > 0) proven.set(share.proven / share.identifies);
  }

  return { read: async () => show(await look().catch(() => undefined)) };
}

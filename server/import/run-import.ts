import { setTimeout as sleep } from "node:timers/promises";
import type { Claim } from "../ledger/row.ts";
import { nameOf } from "../ledger/user-key.ts";
import type { Carrier } from "./carrier.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type JudgeOptions, judgeRow } from "./claims-of-row.ts";
import type { Failures } from "./failures.ts";
import { type Ended, InOrder } from "./in-order.ts";
import { Nowhere } from "./nowhere.ts";
import { orNothing } from "./or-nothing.ts";
import type { InputRow } from "./rows.ts";

export type Counts = Checkpoint["counts"];

/** Rows that are recorded together, at most; in one write, during which an exchange beside can write nothing. */
const BATCH = 100;
/** Between two of those, in milliseconds: an exchange beside has its turn. */
const REST_MS = 10;
/** Between two looks at what has become of them, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** So many seconds' worth of rows wait for Vambe at once: what pages leave queued comes behind no more than those. */
const AHEAD_S = 4;
/** That many at least, and at most. */
const FEWEST_AHEAD = 32;
const MOST_AHEAD = 4000;

export interface ImportParts {
  rows: AsyncIterable<InputRow>;
  judge: JudgeOptions;
  carrier: Carrier;
  failures: Failures;
  /** Upserts a second. */
  maxRate: number;
  /** Rows that an earlier part of the same import has dealt with. */
  skip: number;
  counts: Counts;
  /** Aborted where the operator wants to stop. */
  stopping: AbortSignal;
  /** So many rows have been dealt with, in the order of the file: what comes after can be resumed from here. */
  reached(rows: number): void;
}

export interface Imported {
  /** Rows that have been dealt with, those of earlier parts included. */
  rows: number;
  /** Whether that is all of the file. */
  isWhole: boolean;
  /** Custom fields that do not exist at Vambe → how many contacts wait for them. */
  missing: ReadonlyMap<string, number>;
  /** Names in the rows that VAMBE_FIELDS does not list. */
  nowhere: string[];
}

/**
 * Records each row in the ledger, from where it is carried to Vambe, and waits for what becomes of it. Only so many are
 * under way at once, so memory does not grow with the file, and nobody waits behind all of it.
 */
export async function runImport(parts: ImportParts): Promise<Imported> {
  const { carrier, failures, counts, stopping } = parts;
  const { ledger } = carrier;
  const most = Math.min(MOST_AHEAD, Math.max(FEWEST_AHEAD, Math.ceil(parts.maxRate * AHEAD_S)));
  const inOrder = new InOrder();
  const nowhere = new Nowhere();
  let reached = parts.skip;
  let read = 0;
  let lookedAt = 0;

  const end = ({ row, outcome }: Ended) => {
    if ("reason" in outcome) failures.add(row.line, row.cells, outcome.reason);
    reached += 1;
    counts[outcome.kind] += 1;
  };
  const takeOut = () => {
    try {
      for (const ended of inOrder.ended()) end(ended);
    } finally {
      parts.reached(reached);
    }
  };

  const look = async (isLast: boolean) => {
    lookedAt = performance.now();
    const waiting = inOrder.waiting();
    const areHeldUp = isLast || inOrder.unsettled >= most || inOrder.size >= 2 * most;
    if (waiting.length > 0) inOrder.heard(await ledger.standingOf(waiting), areHeldUp);
    takeOut();
    await carrier.look();
  };

  let batch: { row: InputRow; claims: Claim[]; leftOut: string[] }[] = [];
  const users = new Set<string>();
  const flush = async () => {
    const claims = batch.flatMap((one) => one.claims);
    if (claims.length === 0) return;
    const recorded = await ledger.recordAll(claims, Date.now());
    let at = 0;
    for (const { row, claims, leftOut } of batch) {
      const own = claims.flatMap((claim) => {
        const outcome = recorded[at++];
        return outcome ? [{ claim, recorded: outcome }] : [];
      });
      inOrder.begin(row, leftOut, own);
    }
    const areNews = recorded.some(({ outcome }) => outcome === "changed");
    batch = [];
    users.clear();
    carrier.recorded(claims.map(({ channelId }) => channelId));
    if (areNews) await sleep(REST_MS);
  };

  for await (const row of orNothing(parts.rows, LOOK_EVERY_MS, stopping)) {
    if (stopping.aborted) break;
    if (!row) {
      await flush();
      await look(false);
      continue;
    }
    read += 1;
    if (read <= parts.skip) continue;
    const judged = judgeRow(row, parts.judge);
    if ("refused" in judged) {
      await flush();
      inOrder.refuse(row, judged.refused);
    } else {
      // Of two rows of one user the later one counts: they are not recorded together.
      if (judged.claims.some((claim) => users.has(nameOf(claim)))) await flush();
      for (const claim of judged.claims) users.add(nameOf(claim));
      nowhere.add(judged.nowhere);
      batch.push({ row, claims: judged.claims, leftOut: judged.leftOut });
      if (batch.length >= Math.min(BATCH, most)) await flush();
    }
    if (performance.now() - lookedAt > LOOK_EVERY_MS) await look(false);
    // Those that cost no call are not to wait for the others.
    if (isFull(inOrder, most)) takeOut();
    for (; isFull(inOrder, most) && !stopping.aborted; await look(false))
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => {});
  }
  const isRead = !stopping.aborted;
  await flush();
  for (await look(isRead); inOrder.size > 0 && !stopping.aborted; await look(isRead))
    await sleep(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => {});
  failures.flush();
  return {
    rows: reached,
    isWhole: isRead && inOrder.size === 0,
    missing: inOrder.missing,
    nowhere: nowhere.names,
  };
}

/** Either too many wait for Vambe, or one of them holds up too many that have arrived. */
const isFull = (inOrder: InOrder, most: number): boolean =>
  inOrder.unsettled >= most || inOrder.size >= 3 * most;

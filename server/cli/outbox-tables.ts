import type { MissingField } from "../ledger/contract/missing-fields.ts";
import {
  ERRORS_IN,
  type ErrorCount,
  MOST_COUNTED,
  type OutboxCounts,
  type OutboxEntry,
  WAITING_STATES,
} from "../ledger/contract/outbox.ts";
import { shown } from "./shown.ts";
import { momentOf, table } from "./table.ts";

/** What `outbox` prints: ids, states, names of traits, and errors in Vambe's words; never a name, an email or another value. */

export interface Summary {
  counts: OutboxCounts;
  oldestPending: number | undefined;
  errors: readonly ErrorCount[];
  missing: readonly MissingField[];
}

export function summaryText({ counts, oldestPending, errors, missing }: Summary, now: number): string {
  const parts = [
    table([["STATE", "ROWS"], ...WAITING_STATES.map((state) => [state, countText(counts[state])])]),
  ];
  if (oldestPending !== undefined) {
    parts.push(`The oldest pending row has waited ${spanOf(now - oldestPending)}.`);
  }
  if (errors.length > 0) {
    parts.push(
      table([["LAST ERROR", "ROWS"], ...errors.map(({ error, rows }) => [shown(error), `${rows}`])]),
    );
  }
  if (errors.length > 0 && WAITING_STATES.some((state) => counts[state] > ERRORS_IN)) {
    parts.push(`The last errors are those of ${ERRORS_IN} rows of each state at the most.`);
  }
  if (missing.length > 0) {
    parts.push(
      table([
        ["CUSTOM FIELD MISSING AT VAMBE", "LOOKED FOR AGAIN"],
        ...missing.map(({ key, probeAt }) => [shown(key), probeAt <= now ? "now" : momentOf(probeAt)]),
      ]),
    );
  }
  return parts.join("\n\n");
}

/** A row with what the operator wants to know first. */
export interface ShownEntry extends OutboxEntry {
  /** Keys of the custom fields that are in question. */
  fields: string[];
  /** Milliseconds since the epoch; `undefined` where there is none by itself. */
  nextTry: number | undefined;
}

export function entryTable(entries: readonly ShownEntry[], now: number): string {
  return table([
    ["CHANNEL", "ID", "STATE", "WAITED", "FAILED", "WHAT WAITS", "FIELD", "NEXT TRY", "LAST ERROR"],
    ...entries.map(({ channelId, userId, state, since, attempts, traits, fields, nextTry, lastError }) => [
      shown(channelId),
      shown(userId),
      state,
      spanOf(now - since),
      `${attempts}`,
      traits.map(shown).join(", "),
      fields.map(shown).join(", ") || "-",
      nextTry === undefined ? "-" : nextTry <= now ? "now" : momentOf(nextTry),
      shown(lastError ?? "-"),
    ]),
  ]);
}

const countText = (rows: number): string => (rows < MOST_COUNTED ? `${rows}` : `${MOST_COUNTED} or more`);

function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

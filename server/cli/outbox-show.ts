import { fieldKeyOf } from "../ledger/contact-traits.ts";
import type { Ledger } from "../ledger/contract/ledger.ts";
import type { MissingField } from "../ledger/contract/missing-fields.ts";
import {
  MOST_COUNTED,
  type OutboxEntry,
  WAITING_STATES,
  type WaitingState,
} from "../ledger/contract/outbox.ts";
import { VALUE_REFUSED } from "../ledger/row.ts";
import { takesNoMore, UsageError } from "./arguments.ts";
import { unlockedKey } from "./erased.ts";
import type { Command } from "./outbox-command.ts";
import { entryTable, type ShownEntry, summaryText } from "./outbox-tables.ts";
import { shown } from "./shown.ts";
import { momentOf, table } from "./table.ts";

const SHOWN = 50;
const MOST_SHOWN = 10_000;
const ERRORS_SHOWN = 5;

export const summary: Command = {
  takes: [],
  prepare: ({ ids }) => {
    takesNoMore(ids, "outbox");
    return async (ledger) => {
      const counts = await ledger.outbox();
      const oldestPending = await ledger.oldestPending();
      const errors = await ledger.lastErrors(ERRORS_SHOWN);
      const missing = await ledger.missingFields();
      const now = Date.now();
      return {
        json: {
          ...counts,
          counted_up_to: MOST_COUNTED,
          oldest_pending_seconds: oldestPending === undefined ? null : secondsSince(oldestPending, now),
          last_errors: errors.map(({ error, rows }) => ({ error, rows })),
          missing_fields: missing.map(({ key, probeAt }) => ({ field: key, next_look: momentOf(probeAt) })),
        },
        text: summaryText({ counts, oldestPending, errors, missing }, now),
      };
    };
  },
};

export const list: Command = {
  takes: ["state", "limit"],
  prepare: ({ values, ids, environment }) => {
    takesNoMore(ids, "outbox");
    const state = readState(values.state);
    const limit = readLimit(values.limit);
    return async (ledger) => {
      const missing = await ledger.missingFields();
      const found = await ledger.entries({ state, limit: limit + 1 });
      const now = Date.now();
      const entries = found.slice(0, limit).map((entry) => withItsField(entry, missing));
      const isMore = found.length > limit;
      const more = isMore ? `\n\nThere are more: --limit takes up to ${MOST_SHOWN}.` : "";
      const refused = process.stdout.isTTY ? await refusedValues(ledger, entries, environment) : "";
      return {
        json: { rows: entries.map((entry) => rowOf(entry, now)), more: isMore },
        text: entries.length === 0 ? "Nothing waits." : entryTable(entries, now) + more + refused,
      };
    };
  },
};

/**
 * The very values that Vambe does not take, so that the operator can add them to a field's options. On a terminal alone, and
 * only for who has the API key: what else is printed may be kept or sent on by anybody.
 */
async function refusedValues(
  ledger: Ledger,
  entries: readonly ShownEntry[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const concerned = entries.filter(({ lastError }) => lastError?.startsWith(VALUE_REFUSED));
  if (concerned.length === 0 || !environment.VAMBE_API_KEY) return "";
  const key = await unlockedKey(environment, ledger).catch(() => undefined);
  if (!key)
    return "\n\nVAMBE_API_KEY is not that of this database: the values that Vambe does not take are not shown.";
  const rows: string[][] = [];
  for (const entry of concerned) {
    for (const [trait, value] of Object.entries(await ledger.valuesOf(entry, key)))
      rows.push([shown(entry.userId), shown(fieldKeyOf(trait) ?? trait), shown(value)]);
  }
  return `\n\n${table([["NOT TAKEN OF", "FIELD", "VALUE"], ...rows])}`;
}

/**
 * The custom fields that a row is about: those that wait and do not exist at Vambe; and where fields alone are left of a row
 * that was refused, all of them. And when the row has its next try.
 */
function withItsField(entry: OutboxEntry, missing: readonly MissingField[]): ShownEntry {
  const keys = entry.traits.flatMap((trait) => fieldKeyOf(trait) ?? []);
  const isOfFieldsAlone =
    keys.length === entry.traits.length && (entry.attempts > 0 || entry.state === "withheld");
  const looks = new Map(missing.map(({ key, probeAt }) => [key, probeAt]));
  const fields = keys.filter((key) => isOfFieldsAlone || looks.has(key));
  const next = fields.flatMap((key) => looks.get(key) ?? []);
  const nextTry = { pending: entry.dueAt, withheld: next.length > 0 ? Math.min(...next) : undefined };
  return { ...entry, fields, nextTry: entry.state === "rejected" ? undefined : nextTry[entry.state] };
}

const rowOf = (entry: ShownEntry, now: number) => ({
  channel: entry.channelId,
  id: entry.userId,
  state: entry.state,
  waiting_seconds: secondsSince(entry.since, now),
  failed_tries: entry.attempts,
  waits: entry.traits,
  fields: entry.fields,
  last_error: entry.lastError ?? null,
  next_try: entry.nextTry === undefined ? null : momentOf(Math.max(entry.nextTry, now)),
});

const secondsSince = (time: number, now: number) => Math.max(0, Math.floor((now - time) / 1000));

function readState(text: string | undefined): WaitingState | undefined {
  const state = WAITING_STATES.find((known) => known === text);
  if (text !== undefined && !state)
    throw new UsageError(`--state must be one of ${WAITING_STATES.join(", ")}`);
  return state;
}

function readLimit(text = `${SHOWN}`): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST_SHOWN)
    throw new UsageError(`--limit must be a number from 1 to ${MOST_SHOWN}`);
  return limit;
}

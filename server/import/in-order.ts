import { fieldKeyOf } from "../ledger/contact-traits.ts";
import type { Standing } from "../ledger/contract/bulk.ts";
import { type Claim, type Recorded, VALUE_REFUSED } from "../ledger/row.ts";
import { nameOf, type UserKey } from "../ledger/user-key.ts";
import type { InputRow } from "./rows.ts";

/**
 * What became of a row. `sent`: by a call to Vambe. `known`: Vambe had all of it. `failed`: not, or not whole. `waiting`: it has
 * failed several times where others arrived; it stays in the outbox, and is tried again.
 */
export type Outcome = { kind: "sent" | "known" } | { kind: "failed" | "waiting"; reason: string };

export interface Ended {
  row: InputRow;
  outcome: Outcome;
}

interface Entry {
  row: InputRow;
  /** Contacts that are on their way, by `nameOf`. */
  waitsFor: Map<string, UserKey>;
  /** What is to be said of it in the end. */
  reasons: string[];
  isSent: boolean;
  isGivenUp: boolean;
}

/** A row that has failed so often holds up the others no more. While Vambe is down, few are tried so often. */
const GIVEN_UP_AFTER = 5;

/**
 * The rows that have begun, in the order of the file. They end in that order too: so it is enough to know how many have, to
 * go on after a break.
 */
export class InOrder {
  readonly #entries: Entry[] = [];
  /** Custom fields that do not exist at Vambe → how many contacts wait for them. */
  readonly missing = new Map<string, number>();
  #unsettled = 0;

  /** How many have begun and are not taken out. */
  get size(): number {
    return this.#entries.length;
  }

  /** How many of them wait for Vambe. */
  get unsettled(): number {
    return this.#unsettled;
  }

  refuse(row: InputRow, reason: string): void {
    this.#entries.push({ row, waitsFor: new Map(), reasons: [reason], isSent: false, isGivenUp: false });
  }

  /** @param reasons why some of it is left out */
  begin(row: InputRow, reasons: string[], recorded: readonly { claim: Claim; recorded: Recorded }[]): void {
    const waits = recorded.filter(({ recorded }) => recorded.outcome !== "unchanged");
    for (const { recorded: one } of recorded) if (one.outcome === "unchanged") this.#lacks(one, reasons);
    const waitsFor = new Map(waits.map(({ claim }) => [nameOf(claim), claim] as const));
    this.#entries.push({ row, waitsFor, reasons, isSent: waitsFor.size > 0, isGivenUp: false });
    if (waitsFor.size > 0) this.#unsettled += 1;
  }

  /** The contacts that are on their way. */
  waiting(): UserKey[] {
    return this.#entries.flatMap(({ waitsFor }) => [...waitsFor.values()]);
  }

  /** @param areHeldUp whether others wait for those that have failed, or nothing comes after them */
  heard(standings: readonly Standing[], areHeldUp: boolean): void {
    const standingOf = new Map(standings.map((standing) => [nameOf(standing), standing]));
    for (const entry of this.#entries) {
      if (entry.waitsFor.size === 0) continue;
      for (const name of entry.waitsFor.keys()) this.#hear(entry, name, standingOf.get(name), areHeldUp);
      if (entry.waitsFor.size === 0) this.#unsettled -= 1;
    }
  }

  #hear(entry: Entry, name: string, standing: Standing | undefined, areHeldUp: boolean): void {
    // Somebody has forgotten the user meanwhile: nothing waits.
    const {
      state,
      lastError = "",
      attempts,
      traits,
    } = standing ?? { state: "idle", attempts: 0, traits: [] };
    if (state === "rejected") entry.reasons.push(lastError);
    else if (state === "withheld") this.#misses(traits);
    else if (state === "pending" && lastError.startsWith(VALUE_REFUSED) && attempts > 0) {
      entry.reasons.push(lastError);
    } else if (state === "pending") {
      if (!areHeldUp || attempts < GIVEN_UP_AFTER) return;
      entry.isGivenUp = true;
      entry.reasons.push(`${lastError}; it stays in the outbox and is tried again`);
    }
    entry.waitsFor.delete(name);
  }

  /** What Vambe does not have of a row that is known otherwise. */
  #lacks({ withheld, refused = [] }: Extract<Recorded, { outcome: "unchanged" }>, reasons: string[]): void {
    this.#misses(withheld);
    if (refused.length === 0) return;
    const fields = refused.flatMap((trait) => fieldKeyOf(trait) ?? []);
    reasons.push(`${VALUE_REFUSED} before (${fields.join(", ")}): it stays in the outbox and is tried again`);
  }

  #misses(traits: readonly string[]): void {
    for (const key of traits.flatMap((trait) => fieldKeyOf(trait) ?? []))
      this.missing.set(key, (this.missing.get(key) ?? 0) + 1);
  }

  /** Takes out those at the front that have ended. */
  *ended(): Generator<Ended, void> {
    for (let first = this.#entries[0]; first && first.waitsFor.size === 0; first = this.#entries[0]) {
      this.#entries.shift();
      yield { row: first.row, outcome: outcomeOf(first) };
    }
  }
}

function outcomeOf({ reasons, isSent, isGivenUp }: Entry): Outcome {
  if (reasons.length > 0) return { kind: isGivenUp ? "waiting" : "failed", reason: reasons.join("; ") };
  return { kind: isSent ? "sent" : "known" };
}

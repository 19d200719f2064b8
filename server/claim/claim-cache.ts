import { hash } from "node:crypto";
import { BoundedMap } from "../bounded-map.ts";
import type { CacheReadings } from "../observer.ts";
import type { ProvenClaim } from "./proven-claim.ts";

/**
 * About so many bytes of claims are kept at the most: some ten thousand of the usual size. A visitor with one proof can make
 * as many as he likes, of things that are ignored. So a bound in entries would be none.
 */
const MOST_BYTES = 32 * 1024 * 1024;
/** Only where the text that it came in has at most so many characters. */
const LONGEST_KEPT = 4096;
/** Between two looks for those that have expired, in milliseconds. */
const SWEEP_EVERY_MS = 60_000;

/** Times are milliseconds since the epoch. */
interface Kept {
  claim: ProvenClaim;
  until: number;
  at: number;
}

/**
 * Claims that have been proven, by the SHA-256 of the exact text that they came in, until the proof expires. A page
 * that is loaded again sends the same text, and to read and prove it is the most expensive part of an identify that
 * changes nothing. A text that differs in one letter is another text.
 */
export class ClaimCache {
  readonly #kept = new BoundedMap<Kept>(MOST_BYTES);
  #sweptAt = 0;
  #hits = 0;
  #misses = 0;

  /**
   * What `prove` has made of this text in this form, now or before. These are not kept: what it throws, what may be proven
   * otherwise the next time, and what has expired.
   */
  async get(
    { form, text }: { form: string; text: string },
    prove: () => Promise<ProvenClaim>,
  ): Promise<ProvenClaim> {
    if (text.length > LONGEST_KEPT) {
      this.#misses += 1;
      return prove();
    }
    const now = Date.now();
    const name = `${form} ${hash("sha256", text, "base64url")}`;
    const found = this.#kept.get(name);
    // A clock that was put back since has not seen this time yet: then everything is looked at anew.
    if (found && found.at <= now && now < found.until) {
      this.#hits += 1;
      found.claim.again?.count();
      return found.claim;
    }
    this.#misses += 1;
    const claim = await prove();
    this.#sweep(now);
    const until = claim.again?.until ?? 0;
    if (now < until) this.#kept.set(name, { claim, until, at: now }, bytesOf(text, claim));
    return claim;
  }

  get size(): number {
    return this.#kept.count;
  }

  /** About what the claims take in memory. */
  get bytes(): number {
    return this.#kept.size;
  }

  get readings(): CacheReadings {
    return { hits: this.#hits, misses: this.#misses, bytes: this.bytes };
  }

  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const [name, { until }] of this.#kept.entries()) if (until <= now) this.#kept.delete(name);
  }
}

/** What an entry takes beside its text (with what a ledger notes of it), and what a trait and an ignored one do: measured, and rounded up. */
const ENTRY_BYTES = 700;
const TRAIT_BYTES = 250;
const IGNORED_BYTES = 100;

/** All that the claim says was in the text, which may take two bytes a character. */
const bytesOf = (text: string, { traits, onWhatsapp, applied, ignored }: ProvenClaim): number =>
  ENTRY_BYTES +
  2 * text.length +
  TRAIT_BYTES * (Object.keys({ ...traits, ...onWhatsapp?.traits }).length + applied.size) +
  IGNORED_BYTES * ignored.length;

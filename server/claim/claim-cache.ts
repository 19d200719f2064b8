import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { ProvenClaim } from "./proven-claim.ts";

/** At most this many claims are kept, each only where the text that it came in has at most this many characters. */
const MOST_KEPT = 10_000;
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
  readonly #kept = new LRUCache<string, Kept>({ max: MOST_KEPT });
  #sweptAt = 0;

  /**
   * What `prove` has made of this text, now or before. These are not kept: what it throws, what may be proven
   * otherwise the next time, and what has expired.
   */
  async get(text: string, prove: () => Promise<ProvenClaim>): Promise<ProvenClaim> {
    if (text.length > LONGEST_KEPT) return prove();
    const now = Date.now();
    const name = hash("sha256", text, "base64url");
    const found = this.#kept.get(name);
    // A clock that was put back since has not seen this time yet: then everything is looked at anew.
    if (found && found.at <= now && now < found.until) {
      found.claim.again?.count();
      return found.claim;
    }
    this.#kept.delete(name);
    const claim = await prove();
    this.#sweep(now);
    const until = claim.again?.until ?? 0;
    if (now < until) this.#kept.set(name, { claim, until, at: now });
    return claim;
  }

  get size(): number {
    return this.#kept.size;
  }

  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const [name, { until }] of this.#kept.entries()) if (until <= now) this.#kept.delete(name);
  }
}

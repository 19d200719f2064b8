import { BoundedMap } from "../bounded-map.ts";
import type { CacheReadings } from "../observer.ts";

/** About so many bytes are kept for reuse at the most: ten thousand tokens of the usual size. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What an entry takes beside its texts. Measured, and rounded up. */
const ENTRY_BYTES = 400;

export interface SignedToken {
  token: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

/** Hands the same token out again until half of its life is over: a signature is the most expensive step. */
export class KeptTokens {
  readonly #kept = new BoundedMap<SignedToken & { key: string }>(MOST_BYTES);
  readonly #lifeS: number;
  #hits = 0;
  #misses = 0;

  /** @param lifeS how long a token is good for, in seconds */
  constructor(lifeS: number) {
    this.#lifeS = lifeS;
  }

  /**
   * @param name of what the token says, all of it; @param key names the key that signs: one of another is not reused
   * @param sign makes a new one, with `iat` and `exp` in seconds since the epoch
   */
  async get(
    name: string,
    key: string,
    sign: (iat: number, exp: number) => string | Promise<string>,
  ): Promise<SignedToken> {
    const now = Math.floor(Date.now() / 1000);
    const kept = this.#kept.get(name);
    const left = kept ? kept.expiresAt - now : 0;
    // More left than a whole life: the clock was put back.
    if (kept?.key === key && left > this.#lifeS / 2 && left <= this.#lifeS) {
      this.#hits += 1;
      return { token: kept.token, expiresAt: kept.expiresAt };
    }
    this.#misses += 1;
    const expiresAt = now + this.#lifeS;
    const token = await sign(now, expiresAt);
    this.#kept.set(name, { key, token, expiresAt }, ENTRY_BYTES + 2 * name.length + token.length);
    return { token, expiresAt };
  }

  /** About what they take in memory. */
  get bytes(): number {
    return this.#kept.size;
  }

  get readings(): CacheReadings {
    return { hits: this.#hits, misses: this.#misses, bytes: this.bytes };
  }
}

import { hash, hkdfSync } from "node:crypto";
import type { Count } from "../../ledger/contract/shared.ts";
import { Problem } from "../../problems.ts";
import { Counts } from "./counts.ts";

const WINDOW_MS = 60_000;

/** What a limit counts: its name in the headers, and its words in the answer. */
export interface Limited {
  name: string;
  detail: string;
}

/** Counts requests by who they come from. At most 65,536 counts are kept, whoever comes: addresses share them by a keyed hash. */
export class RateLimit {
  readonly #limited: Limited;
  readonly #perMinute: number;
  readonly #key: string;
  readonly #counts: Counts;
  /** Who has had too many, until when: for them nobody needs to be asked. By `performance.now()`. */
  readonly #over = new Map<string, number>();

  /**
   * @param perMinute 0 sets no limit; @param secret that all instances have, so that they agree on who shares a
   * count and nobody else knows
   */
  constructor(limited: Limited, perMinute: number, secret: string, counts = new Counts()) {
    this.#limited = limited;
    this.#perMinute = perMinute;
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "vambe-identity/rate-limit", 32)).toString("hex");
    this.#counts = counts;
  }

  /**
   * Counts one request. Returns the headers that tell how many are left (draft-ietf-httpapi-ratelimit-headers).
   * @param first another limit that it counts for: where there were too many of that, it is not counted here
   * @throws {Problem} where there were too many
   */
  async count(
    who: string | undefined,
    first?: { limit: RateLimit; who: string | undefined },
  ): Promise<Record<string, string>> {
    const key = this.#keyOf(who);
    const firstKey = first ? first.limit.#keyOf(first.who) : undefined;
    if (first) first.limit.#checkKey(firstKey);
    this.#checkKey(key);
    if (key === undefined && firstKey === undefined) return {};
    const counted = await this.#counts.count({
      first: first && firstKey !== undefined ? { key: firstKey, most: first.limit.#perMinute } : undefined,
      key,
      windowMs: WINDOW_MS,
    });
    if (first) first.limit.#judge(firstKey, counted.ofFirst);
    return this.#judge(key, counted.ofKey);
  }

  /** @throws {Problem} where there have been too many already. Counts nothing, and asks nobody. */
  check(who: string | undefined): void {
    if (this.#over.size > 0) this.#checkKey(this.#keyOf(who));
  }

  #checkKey(key: string | undefined): void {
    if (key === undefined || this.#over.size === 0) return;
    const left = (this.#over.get(key) ?? 0) - performance.now();
    if (left > 0) throw this.#tooMany(left);
    this.#over.delete(key);
  }

  #judge(key: string | undefined, count: Count | undefined): Record<string, string> {
    if (key === undefined || !count) return {};
    const { requests, endsInMs } = count;
    if (requests <= this.#perMinute) return this.#headers(this.#perMinute - requests, endsInMs);
    this.#over.set(key, performance.now() + endsInMs);
    throw this.#tooMany(endsInMs);
  }

  #headers(left: number, endsInMs: number): Record<string, string> {
    const { name } = this.#limited;
    return {
      "ratelimit-policy": `"${name}";q=${this.#perMinute};w=${WINDOW_MS / 1000}`,
      ratelimit: `"${name}";r=${Math.floor(left)};t=${Math.ceil(endsInMs / 1000)}`,
    };
  }

  #tooMany(endsInMs: number): Problem {
    return new Problem("rate-limited", this.#limited.detail, {
      headers: { ...this.#headers(0, endsInMs), "retry-after": String(Math.ceil(endsInMs / 1000)) },
    });
  }

  /**
   * Two bytes of a digest give nothing away that an HMAC would have to protect, and this is far quicker. `undefined` where
   * nothing is counted.
   */
  #keyOf(who: string | undefined): string | undefined {
    if (this.#perMinute <= 0 || who === undefined) return undefined;
    return `${this.#limited.name}:${hash("sha256", this.#key + who, "hex").slice(0, 4)}`;
  }
}

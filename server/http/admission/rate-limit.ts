import { hash, hkdfSync } from "node:crypto";
import type { Count } from "../../ledger/contract/shared.ts";
import { Problem } from "../../problems.ts";
import { Counts } from "./counts.ts";
import type { Bucket } from "./request-counts.ts";

const WINDOW_MS = 60_000;

/** What a limit counts: its name in the headers, and its words in the answer. */
export interface Limited {
  name: string;
  detail: string;
}

/** Counts requests by who they come from. There are 65,536 counts, whoever comes: addresses share them by a keyed hash. */
export class RateLimit {
  readonly #limited: Limited;
  readonly #perMinute: number;
  readonly #key: string;
  readonly #counts: Counts;
  /** Who has had too many, until when: for them nobody needs to be asked. By `performance.now()`. */
  readonly #over = new Map<number, number>();

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
    const bucket = this.#bucketOf(who);
    const firstBucket = first ? first.limit.#bucketOf(first.who) : undefined;
    if (first) first.limit.#checkBucket(firstBucket);
    this.#checkBucket(bucket);
    if (!bucket && !firstBucket) return {};
    const counted = await this.#counts.count({
      first: first && firstBucket && { bucket: firstBucket, most: first.limit.#perMinute },
      bucket,
      windowMs: WINDOW_MS,
    });
    if (first) first.limit.#judge(firstBucket, counted.ofFirst);
    return this.#judge(bucket, counted.ofKey);
  }

  /** @throws {Problem} where there have been too many already. Counts nothing, and asks nobody. */
  check(who: string | undefined): void {
    if (this.#over.size > 0) this.#checkBucket(this.#bucketOf(who));
  }

  #checkBucket(bucket: Bucket | undefined): void {
    if (!bucket || this.#over.size === 0) return;
    const left = (this.#over.get(bucket.number) ?? 0) - performance.now();
    if (left > 0) throw this.#tooMany(left);
    this.#over.delete(bucket.number);
  }

  #judge(bucket: Bucket | undefined, count: Count | undefined): Record<string, string> {
    if (!bucket || !count) return {};
    const { requests, endsInMs } = count;
    if (requests <= this.#perMinute) return this.#headers(this.#perMinute - requests, endsInMs);
    this.#over.set(bucket.number, performance.now() + endsInMs);
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
  #bucketOf(who: string | undefined): Bucket | undefined {
    if (this.#perMinute <= 0 || who === undefined) return undefined;
    const digest = hash("sha256", this.#key + who, "hex");
    return { limit: this.#limited.name, number: Number.parseInt(digest.slice(0, 4), 16) };
  }
}

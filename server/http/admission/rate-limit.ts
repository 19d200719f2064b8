import { hash, hkdfSync } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Count, Shared } from "../../ledger/contract/shared.ts";
import { Problem } from "../../problems.ts";
import { RequestCounts } from "./request-counts.ts";

const WINDOW_MS = 60_000;
const MOST_KNOWN = 10_000;
/** How long a shared count may take before this process counts by itself, and for how long it does then. Milliseconds. */
const PATIENCE_MS = 1000;
const OWN_COUNT_MS = 5000;

/**
 * Counts requests by who they come from: in this process or, where instances share a database, over all of them.
 * At most 65,536 counts are kept, whoever comes: addresses share them by a keyed hash.
 */
export class RateLimit {
  readonly #name: string;
  readonly #perMinute: number;
  readonly #key: string;
  readonly #shared: Pick<Shared, "countRequest"> | undefined;
  readonly #own = new RequestCounts();
  #ownUntil = 0;
  /** Of those who have come lately. */
  readonly #buckets = new LRUCache<string, string>({ max: MOST_KNOWN });

  /**
   * @param name of what is counted, for the headers; @param perMinute 0 sets no limit; @param secret that all
   * instances have, so that they agree on who shares a count and nobody else knows
   */
  constructor(
    name: string,
    perMinute: number,
    secret: string,
    shared?: Pick<Shared, "countRequest"> | undefined,
  ) {
    this.#name = name;
    this.#perMinute = perMinute;
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "vambe-identity/rate-limit", 32)).toString("hex");
    this.#shared = shared;
  }

  /**
   * Counts one request. Returns the headers that tell how many are left (draft-ietf-httpapi-ratelimit-headers).
   * @throws {Problem} where there were too many
   */
  async count(who: string | undefined): Promise<Record<string, string>> {
    if (this.#perMinute <= 0 || who === undefined) return {};
    const { requests, endsInMs } = await this.#count(`${this.#name}:${this.#bucket(who)}`);
    const seconds = Math.ceil(endsInMs / 1000);
    const left = Math.max(0, this.#perMinute - requests);
    const headers = {
      "ratelimit-policy": `"${this.#name}";q=${this.#perMinute};w=${WINDOW_MS / 1000}`,
      ratelimit: `"${this.#name}";r=${left};t=${seconds}`,
    };
    if (requests <= this.#perMinute) return headers;
    throw new Problem("rate-limited", `Too many requests from this ${this.#name}.`, {
      headers: { ...headers, "retry-after": String(seconds) },
    });
  }

  async #count(key: string): Promise<Count> {
    if (this.#shared && performance.now() >= this.#ownUntil) {
      try {
        return await inTime(this.#shared.countRequest(key, WINDOW_MS));
      } catch {
        this.#ownUntil = performance.now() + OWN_COUNT_MS;
      }
    }
    return this.#own.count(key, WINDOW_MS);
  }

  /** Two bytes of a digest give nothing away that an HMAC would have to protect, and this is far quicker. */
  #bucket(who: string): string {
    const before = this.#buckets.get(who);
    if (before) return before;
    const bucket = hash("sha256", this.#key + who, "hex").slice(0, 4);
    this.#buckets.set(who, bucket);
    return bucket;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let impatience: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    impatience = setTimeout(() => reject(new Error("it takes too long")), PATIENCE_MS);
  });
  return Promise.race([work, tooLong]).finally(() => clearTimeout(impatience));
}

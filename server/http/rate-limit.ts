import { hash, hkdfSync } from "node:crypto";
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Shared } from "../ledger/shared.ts";
import { Problem } from "../problems.ts";

const WINDOW_S = 60;
const MOST_KNOWN = 10_000;

/**
 * Counts requests by who they come from: in this process or, where instances share a database, over all of them.
 * At the most 65,536 counts are kept, whoever comes: addresses share them by a keyed hash.
 */
export class RateLimit {
  readonly #name: string;
  readonly #limiter: RateLimiterAbstract | undefined;
  readonly #key: string;
  /** Of those who have come lately. */
  readonly #buckets = new Map<string, string>();

  /**
   * @param name of what is counted, for the headers; @param perMinute 0 sets no limit; @param secret that all
   * instances have, so that they agree on who shares a count and nobody else knows
   */
  constructor(name: string, perMinute: number, secret: string, shared?: Shared) {
    this.#name = name;
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "vambe-identity/rate-limit", 32)).toString("hex");
    if (perMinute <= 0) return;
    const own = new RateLimiterMemory({ keyPrefix: name, points: perMinute, duration: WINDOW_S });
    this.#limiter = shared?.limiter(own) ?? own;
  }

  /**
   * Counts one request. Returns the headers that tell how many are left (draft-ietf-httpapi-ratelimit-headers).
   * @throws {Problem} where there were too many
   */
  async count(who: string | undefined): Promise<Record<string, string>> {
    if (!this.#limiter || who === undefined) return {};
    try {
      return this.#headers(await this.#limiter.consume(this.#bucket(who)));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new Problem("rate-limited", `Too many requests from this ${this.#name}.`, {
        headers: { ...this.#headers(error), "retry-after": String(secondsLeft(error)) },
      });
    }
  }

  /** Two bytes of a digest give nothing away that an HMAC would have to protect, and this is far quicker. */
  #bucket(who: string): string {
    const before = this.#buckets.get(who);
    if (before) return before;
    if (this.#buckets.size >= MOST_KNOWN) this.#buckets.clear();
    const bucket = hash("sha256", this.#key + who, "hex").slice(0, 4);
    this.#buckets.set(who, bucket);
    return bucket;
  }

  #headers(state: RateLimiterRes): Record<string, string> {
    return {
      "ratelimit-policy": `"${this.#name}";q=${this.#limiter?.points};w=${WINDOW_S}`,
      ratelimit: `"${this.#name}";r=${state.remainingPoints};t=${secondsLeft(state)}`,
    };
  }
}

const secondsLeft = ({ msBeforeNext }: RateLimiterRes) => Math.ceil(msBeforeNext / 1000);

import { hash, hkdfSync } from "node:crypto";
import type { Count, Shared } from "../../ledger/contract/shared.ts";
import { Problem } from "../../problems.ts";
import { within } from "../../within.ts";
import { RequestCounts } from "./request-counts.ts";

const WINDOW_MS = 60_000;
/** How long a shared count may take before this process counts by itself, and for how long it does then. Milliseconds. */
const PATIENCE_MS = 1000;
const OWN_COUNT_MS = 5000;

/** What a limit counts: its name in the headers, and its words in the answer. */
export interface Limited {
  name: string;
  detail: string;
}

/**
 * Counts requests by who they come from: in this process or, where instances share a database, over all of them. Where the
 * database does not count, each instance goes on from what it has heard last.
 * At most 65,536 counts are kept, whoever comes: addresses share them by a keyed hash.
 */
export class RateLimit {
  readonly #limited: Limited;
  readonly #perMinute: number;
  readonly #key: string;
  readonly #shared: Pick<Shared, "countRequest"> | undefined;
  readonly #own = new RequestCounts();
  readonly #noteOwn: (cause: unknown) => void;
  #ownUntil = 0;
  /** Who has had too many, until when: for them nobody needs to be asked. By `performance.now()`. */
  readonly #over = new Map<string, number>();

  /**
   * @param perMinute 0 sets no limit; @param secret that all instances have, so that they agree on who shares a
   * count and nobody else knows; @param noteOwn is told why this process counts by itself for a while
   */
  constructor(
    limited: Limited,
    perMinute: number,
    secret: string,
    shared?: Pick<Shared, "countRequest"> | undefined,
    noteOwn: (cause: unknown) => void = () => {},
  ) {
    this.#limited = limited;
    this.#perMinute = perMinute;
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "vambe-identity/rate-limit", 32)).toString("hex");
    this.#shared = shared;
    this.#noteOwn = noteOwn;
  }

  /**
   * Counts one request. Returns the headers that tell how many are left (draft-ietf-httpapi-ratelimit-headers).
   * @throws {Problem} where there were too many
   */
  async count(who: string | undefined): Promise<Record<string, string>> {
    if (this.#perMinute <= 0 || who === undefined) return {};
    const key = this.#keyOf(who);
    this.#checkKey(key);
    const { requests, endsInMs } = await this.#count(key);
    if (requests <= this.#perMinute) return this.#headers(this.#perMinute - requests, endsInMs);
    this.#over.set(key, performance.now() + endsInMs);
    throw this.#tooMany(endsInMs);
  }

  /** @throws {Problem} where there have been too many already. Counts nothing, and asks nobody. */
  check(who: string | undefined): void {
    if (this.#over.size > 0 && who !== undefined) this.#checkKey(this.#keyOf(who));
  }

  #checkKey(key: string): void {
    const left = (this.#over.get(key) ?? 0) - performance.now();
    if (left > 0) throw this.#tooMany(left);
    this.#over.delete(key);
  }

  async #count(key: string): Promise<Count> {
    if (this.#shared && performance.now() >= this.#ownUntil) {
      try {
        const count = await within(PATIENCE_MS, this.#shared.countRequest(key, WINDOW_MS));
        this.#own.goOnFrom(key, count);
        return count;
      } catch (error) {
        this.#noteOwn(error);
        this.#ownUntil = performance.now() + OWN_COUNT_MS;
      }
    }
    return this.#own.count(key, WINDOW_MS);
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

  /** Two bytes of a digest give nothing away that an HMAC would have to protect, and this is far quicker. */
  #keyOf(who: string): string {
    return `${this.#limited.name}:${hash("sha256", this.#key + who, "hex").slice(0, 4)}`;
  }
}

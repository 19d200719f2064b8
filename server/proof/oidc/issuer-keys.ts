import type { CryptoKey } from "jose";
import { FetchFailure, type Lookup } from "../../guarded-fetch/guarded-connection.ts";
import type { Log } from "../../log.ts";
import { Problem } from "../../problems.ts";
import { fetchKeys, type PublishedKeys } from "./fetch-keys.ts";
import type { Issuer } from "./issuer.ts";
import type { IssuerHeader } from "./key-set.ts";

/** Keys are asked for again after this long … */
const FRESH_MS = 10 * 60_000;
/** … and serve as long as this while the issuer cannot be reached. */
const USABLE_MS = 24 * 3600_000;
/** After a failure, and between two looks for a key that was not there, the issuer is left in peace. Milliseconds. */
const REST_MS = 30_000;

interface KnownKeys extends PublishedKeys {
  fetchedAt: number;
}

/** Where an issuer's keys are fetched from, and who is told when they cannot be. */
export interface KeySource {
  log: Log;
  lookup?: Lookup;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

/** The public keys of one OpenID provider: kept, and fetched again within bounds. */
export class IssuerKeys {
  readonly #issuer: Pick<Issuer, "url" | "jwksUrl">;
  readonly #log: Log;
  readonly #lookup: Lookup | undefined;
  readonly #now: () => number;
  #known: KnownKeys | undefined;
  #underWay: Promise<KnownKeys> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #searchedAt = Number.NEGATIVE_INFINITY;

  constructor(
    issuer: Pick<Issuer, "url" | "jwksUrl">,
    { log, lookup, now = () => performance.now() }: KeySource,
  ) {
    this.#issuer = issuer;
    this.#log = log;
    this.#lookup = lookup;
    this.#now = now;
  }

  /**
   * The keys that a proof's header names, at least one, and the issuer's name as it writes it itself.
   * @throws {Problem} where the issuer has none, or cannot be asked
   */
  async keysFor(header: IssuerHeader): Promise<{ keys: CryptoKey[]; name: string }> {
    const known = await this.#usable();
    const keys = await known.keys.find(header);
    if (keys.length > 0) return { keys, name: known.name };
    // A key that is not there may be new.
    const searched = await this.#search(known);
    const found = await searched.keys.find(header);
    if (found.length > 0) return { keys: found, name: searched.name };
    throw new Problem("proof-signature", "The issuer has no key of the proof's `kid` and `alg`.");
  }

  /** Fresh keys if they can be had, otherwise those that were. */
  async #usable(): Promise<KnownKeys> {
    const known = this.#known;
    if (known && this.#now() - known.fetchedAt < FRESH_MS) return known;
    try {
      return await this.#refresh();
    } catch (problem) {
      if (known && this.#now() - known.fetchedAt < USABLE_MS) return known;
      throw problem;
    }
  }

  /** @throws {Problem} where the issuer cannot be asked: the key may be there, for all that is known */
  async #search(known: KnownKeys): Promise<KnownKeys> {
    const now = this.#now();
    const resting = now - this.#failedAt < REST_MS;
    if (!resting && !this.#underWay && now - this.#searchedAt < REST_MS) return known;
    if (!resting) this.#searchedAt = now;
    return this.#refresh();
  }

  /** One at a time, however many ask. @throws {Problem} */
  #refresh(): Promise<KnownKeys> {
    const rest = this.#failedAt + REST_MS - this.#now();
    if (rest > 0) return Promise.reject(unavailable(rest));
    this.#underWay ??= this.#fetch().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #fetch(): Promise<KnownKeys> {
    const { url, jwksUrl } = this.#issuer;
    const about = { setting: jwksUrl === undefined ? "VAMBE_OIDC_ISSUER" : "VAMBE_OIDC_JWKS_URL", url };
    try {
      const published = await fetchKeys(this.#issuer, this.#lookup);
      if (published.keys.size === 0) {
        this.#log.warn("the issuer publishes no key that can be used: its tokens are refused", about);
      }
      this.#known = { ...published, fetchedAt: this.#now() };
      return this.#known;
    } catch (error) {
      this.#failedAt = this.#now();
      const cause = error instanceof FetchFailure ? error.reason : error;
      this.#log.error("the issuer's keys cannot be fetched", { ...about, cause });
      throw unavailable(REST_MS);
    }
  }
}

const unavailable = (forMs: number) =>
  new Problem("issuer-unavailable", "The keys of the issuer cannot be fetched now.", {
    headers: { "retry-after": String(Math.max(1, Math.ceil(forMs / 1000))) },
  });

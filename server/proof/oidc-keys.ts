import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, type LocalJWKSet } from "jose";
import { z } from "zod";
import { isLoopbackHost } from "../guarded-fetch/address.ts";
import { FetchFailure, type Lookup } from "../guarded-fetch/guarded-connection.ts";
import { fetchDeadline, guardedGet } from "../guarded-fetch/guarded-get.ts";
import type { Log } from "../log.ts";
import { Problem } from "../problems.ts";

/** Keys are asked for again after this long … */
const FRESH_MS = 10 * 60_000;
/** … and serve as long as this while the issuer cannot be reached. */
const USABLE_MS = 24 * 3600_000;
/** After a failure, and between two looks for a key that was not there, the issuer is left in peace. Milliseconds. */
const REST_MS = 30_000;
const MOST_KEYS = 100;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

interface KnownKeys {
  /** As the issuer itself writes it: with or without a slash at the end. */
  issuer: string;
  find: LocalJWKSet;
  fetchedAt: number;
}

/** The part of a proof's header that says which key it is signed with. */
export interface IssuerHeader {
  alg: "RS256" | "ES256" | "EdDSA";
  kid: string | undefined;
}

/** The public keys of one OpenID provider: found by its discovery document, kept, and fetched again within bounds. */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #log: Log;
  readonly #lookup: Lookup | undefined;
  readonly #now: () => number;
  #known: KnownKeys | undefined;
  #underWay: Promise<KnownKeys> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #searchedAt = Number.NEGATIVE_INFINITY;

  /** @param options.now milliseconds of a clock that never goes back */
  constructor(
    issuer: string,
    { log, lookup, now = () => performance.now() }: { log: Log; lookup?: Lookup; now?: () => number },
  ) {
    this.#issuer = issuer;
    this.#log = log;
    this.#lookup = lookup;
    this.#now = now;
  }

  /** The key that a proof names. @throws {Problem} where the issuer has none, or cannot be asked */
  async keyFor(header: IssuerHeader): Promise<{ key: CryptoKey; issuer: string }> {
    const known = await this.#usable();
    const key = await findKey(known, header);
    if (key) return { key, issuer: known.issuer };
    // A key that is not there may be new.
    const searched = await this.#search(known);
    const found = await findKey(searched, header);
    if (found) return { key: found, issuer: searched.issuer };
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
    try {
      const { issuer, keys } = await fetchKeys(this.#issuer, this.#lookup);
      this.#known = { issuer, find: createLocalJWKSet({ keys }), fetchedAt: this.#now() };
      return this.#known;
    } catch (error) {
      this.#failedAt = this.#now();
      this.#log.error("the issuer's keys cannot be fetched", {
        setting: "VAMBE_OIDC_ISSUER",
        cause: error instanceof FetchFailure ? error.reason : error,
      });
      throw unavailable(REST_MS);
    }
  }
}

async function fetchKeys(issuer: string, lookup?: Lookup): Promise<{ issuer: string } & JSONWebKeySet> {
  const options = {
    reach: { loopback: isLoopbackHost(new URL(issuer).hostname), privateNetworks: false },
    signal: fetchDeadline(),
    ...(lookup ? { lookup } : {}),
  };
  const read = async (address: string) => {
    const { status, json } = await guardedGet(address, options);
    if (status !== 200) throw new FetchFailure(`it answers with ${status}`);
    return json;
  };
  const document = discovery.safeParse(await read(`${issuer}/.well-known/openid-configuration`)).data;
  if (!document) throw new FetchFailure("its discovery document has no issuer or no jwks_uri");
  if (document.issuer.replace(/\/$/, "") !== issuer) {
    throw new FetchFailure("its discovery document names another issuer");
  }
  const keys = keySet.safeParse(await read(document.jwks_uri)).data?.keys;
  if (!keys) throw new FetchFailure("its key set is not one");
  if (keys.length > MOST_KEYS) throw new FetchFailure(`it has more than ${MOST_KEYS} keys`);
  return { issuer: document.issuer, keys };
}

async function findKey({ find }: KnownKeys, { alg, kid }: IssuerHeader): Promise<CryptoKey | undefined> {
  try {
    return await find({ alg, ...(kid === undefined ? {} : { kid }) });
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      throw new Problem("proof-malformed", "The proof needs a `kid`: the issuer has several keys.");
    }
    if (error instanceof errors.JOSEError) return undefined;
    // A key that is broken.
    throw new Problem("proof-signature", "The issuer's key of that `kid` cannot be used.");
  }
}

const unavailable = (forMs: number) =>
  new Problem("issuer-unavailable", "The keys of the issuer cannot be fetched now.", {
    headers: { "retry-after": String(Math.max(1, Math.ceil(forMs / 1000))) },
  });

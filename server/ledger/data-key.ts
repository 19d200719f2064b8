import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import type { ContactTraits } from "./contact-traits.ts";
import { openBytes, sealBytes } from "./seal.ts";
import type { UserKey } from "./user-key.ts";

/** Bytes of each of its two halves: the first makes fingerprints, the second seals what waits. */
const HALF = 32;

/** Trait → a short keyed digest of its value: equal for equal values, and of no use without the key. */
export type Fingerprint = (traits: ContactTraits) => ContactTraits;

/**
 * The key of a database, which stands in it only wrapped: `unlock.ts`. With it, what waits is sealed (AES-256-GCM, bound
 * to its user) and what Vambe has confirmed is kept as digests (HMAC-SHA-256).
 */
export class DataKey {
  #fingerprints: KeyObject | undefined;
  #seals: KeyObject | undefined;
  // A claim that is kept comes again as the same object, and its digests live as long as it does.
  readonly #known = new WeakMap<ContactTraits, ContactTraits>();
  /** The names that traits have by now, where they have changed since they were sealed. */
  namesNow: (traits: ContactTraits) => ContactTraits = (traits) => traits;

  /** @param bytes as `newDataKey` makes them; left out where they are still to be found */
  constructor(bytes?: Uint8Array) {
    if (bytes) this.hold(bytes);
  }

  hold(bytes: Uint8Array): void {
    // As KeyObjects: given as bytes, a key would be made into one each time, which costs more than the digest.
    this.#fingerprints = createSecretKey(bytes.subarray(0, HALF));
    this.#seals = createSecretKey(bytes.subarray(HALF));
  }

  fingerprint: Fingerprint = (traits) => {
    const before = this.#known.get(traits);
    if (before) return before;
    const digests = Object.fromEntries(
      Object.entries(traits).map(([trait, value]) => [trait, this.#digest(trait, value)]),
    );
    this.#known.set(traits, digests);
    return digests;
  };

  #digest(trait: string, value: string): string {
    return createHmac("sha256", held(this.#fingerprints))
      .update(JSON.stringify([trait, value]))
      .digest("base64url")
      .slice(0, 22);
  }

  /** A digest of a user's id, for who keeps a list of those that were erased. Unlike all fingerprints. */
  idDigest(userId: string): string {
    return createHmac("sha256", held(this.#fingerprints))
      .update(JSON.stringify(["erased", "id", userId]))
      .digest("base64url");
  }

  /** A digest that nobody makes without the key: for who has it, to know each other by. Unlike all fingerprints. */
  vouch(purpose: string, text: string): string {
    return createHmac("sha256", held(this.#fingerprints))
      .update(JSON.stringify(["vouched", purpose, text]))
      .digest("base64url");
  }

  /** Only with the key, and only as this user's, can it be opened. */
  seal(user: UserKey, traits: ContactTraits): Uint8Array {
    return sealBytes(held(this.#seals), Buffer.from(JSON.stringify(traits)), boundTo(user));
  }

  /** The traits, by the names that they have now. @returns `undefined` where it was sealed with another key or for another user, or is damaged */
  open(user: UserKey, sealed: Uint8Array): ContactTraits | undefined {
    const bytes = openBytes(held(this.#seals), sealed, boundTo(user));
    return bytes && this.namesNow(JSON.parse(bytes.toString("utf8")));
  }
}

export const newDataKey = (): Uint8Array => randomBytes(2 * HALF);

/** One whose fingerprints are those of a version before, which made them with this key. */
export const dataKeyWithFingerprintsOf = (key: Uint8Array): Uint8Array =>
  Buffer.concat([key, randomBytes(HALF)]);

const boundTo = ({ channelId, userId }: UserKey): Buffer => Buffer.from(JSON.stringify([channelId, userId]));

const held = (key: KeyObject | undefined): KeyObject => {
  if (!key) throw new Error("the database's key has not been unlocked");
  return key;
};

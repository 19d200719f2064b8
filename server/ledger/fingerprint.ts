import { createHmac, createSecretKey, hkdfSync } from "node:crypto";
import type { ContactTraits } from "./contact-traits.ts";

/** Trait → a short keyed digest of its value: equal for equal values, and of no use without the key. */
export type Fingerprint = (traits: ContactTraits) => ContactTraits;

/**
 * Fingerprints under a key derived from Vambe's API key, which never stands in the database. Another key may
 * mean another account at Vambe, which has confirmed nothing yet: everybody is then sent once more.
 */
export function createFingerprint(apiKey: string): Fingerprint {
  // As a KeyObject: given as bytes, the key would be made into one each time, which costs more than the digest.
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", apiKey, "", "vambe-identity/fingerprint", 32)));
  const digest = (trait: string, value: string) =>
    createHmac("sha256", key)
      .update(JSON.stringify([trait, value]))
      .digest("base64url")
      .slice(0, 22);
  // A claim that is kept comes again as the same object, and its digests live as long as it does.
  const known = new WeakMap<ContactTraits, ContactTraits>();
  return (traits) => {
    const before = known.get(traits);
    if (before) return before;
    const digests = Object.fromEntries(
      Object.entries(traits).map(([trait, value]) => [trait, digest(trait, value)]),
    );
    known.set(traits, digests);
    return digests;
  };
}

import { createHmac, createSecretKey, hkdfSync } from "node:crypto";

/** A short keyed digest of a trait's value: equal for equal values, and of no use without the key. */
export type Fingerprint = (trait: string, value: string) => string;

/**
 * Fingerprints under a key derived from Vambe's API key, which never stands in the database. Another key may
 * mean another account at Vambe, which has confirmed nothing yet: everybody is then sent once more.
 */
export function createFingerprint(apiKey: string): Fingerprint {
  // As a KeyObject: given as bytes, the key would be made into one each time, which costs more than the digest.
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", apiKey, "", "vambe-identity/fingerprint", 32)));
  return (trait, value) =>
    createHmac("sha256", key)
      .update(JSON.stringify([trait, value]))
      .digest("base64url")
      .slice(0, 22);
}

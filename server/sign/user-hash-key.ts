import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

/**
 * The key that `user_hash` is made with where the site has one secret for all: derived (HKDF-SHA256, RFC 5869; no salt),
 * since HMAC-SHA256 of a text that a user has chosen is also the HS256 signature of that text.
 */
export const userHashKey = (secret: string | Uint8Array): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", "vambe-identity/user-hash", 32)));

/** HMAC-SHA256 (RFC 2104) of the id's UTF-8 bytes. */
export const hmacOf = (id: string, key: string | KeyObject): Buffer =>
  createHmac("sha256", key).update(id).digest();

/** Whether two texts are one key to HMAC: it fills a short one up with zeros, and hashes a long one first. */
export const isSameKey = (one: string, other: string): boolean => hmacOf("", one).equals(hmacOf("", other));

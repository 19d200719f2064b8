import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { type JWTClaimVerificationOptions, type JWTPayload, UnsecuredJWT } from "jose";

/**
 * Whether a JWT's signature is the HS256 of this key (RFC 7518 §3.2). By `node:crypto`, which does it here and now: Web
 * Crypto, by which jose verifies, hands each signature to another thread, and that costs ten times the digest.
 */
export function isSignedWith(proof: string, key: string | Buffer | KeyObject): boolean {
  const dot = proof.lastIndexOf(".");
  const signature = Buffer.from(proof.slice(dot + 1), "base64url");
  const made = createHmac("sha256", key).update(proof.slice(0, dot)).digest();
  return signature.length === made.length && timingSafeEqual(signature, made);
}

const NO_SIGNATURE = Buffer.from('{"alg":"none"}').toString("base64url");

/**
 * The claims of a JWT whose signature has been found good, and whose header has been read. jose holds them against the
 * options, and is given them without that header and that signature, for it would ask for the key.
 * @throws jose's errors
 */
export function claimsIn(proof: string, options: JWTClaimVerificationOptions): JWTPayload {
  const claims = proof.slice(proof.indexOf(".") + 1, proof.lastIndexOf("."));
  return UnsecuredJWT.decode(`${NO_SIGNATURE}.${claims}.`, options).payload;
}

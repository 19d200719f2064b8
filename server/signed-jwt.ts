import { Buffer } from "node:buffer";
import { createHmac, type KeyObject } from "node:crypto";

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/**
 * A JWT (RFC 7519) in the compact form. Written out, and not left to the library that the exchange verifies with: a site's
 * backend would carry that along, and it is twice the size of all the rest here; and Web Crypto, by which it signs, hands
 * each signature to another thread.
 * @param claims those that are `undefined` are left out
 * @param signature of a text, in bytes, as RFC 7518 has it for the header's `alg`
 */
export function compactJwt(header: object, claims: object, signature: (text: string) => Buffer): string {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${signature(signed).toString("base64url")}`;
}

/** With an HS256 signature (RFC 7518 §3.2). */
export const signJwt = (claims: object, key: Uint8Array | KeyObject): string =>
  compactJwt({ alg: "HS256", typ: "JWT" }, claims, (text) => createHmac("sha256", key).update(text).digest());

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/**
 * A JWT (RFC 7519) with an HS256 signature (RFC 7518 §3.2). Written out, and not left to the library that the exchange
 * verifies it with: a site's backend would carry that along, and it is twice the size of all the rest here.
 * @param claims those that are `undefined` are left out
 */
export function signJwt(claims: object, key: Uint8Array): string {
  const signed = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

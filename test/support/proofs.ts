import { createHmac } from "node:crypto";

type Json = Record<string, unknown>;

/** Seconds since the epoch, `ahead` seconds from now. */
export const inSeconds = (ahead: number) => Math.floor(Date.now() / 1000) + ahead;

export const base64url = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/**
 * A JWT as a backend with nothing but `node:crypto` would make it: any header and any claims, right or wrong.
 * A claim or header that is `undefined` is left out.
 */
export function signJwt(claims: unknown, secret: string | Uint8Array, header: Json = {}): string {
  const signed = `${base64url({ alg: "HS256", typ: "JWT", ...header })}.${base64url(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** A proof that holds, or does not by what `changes` changes. */
export function signProof(secret: string, sub: unknown, changes: Json = {}, header: Json = {}): string {
  const claims = { sub, aud: "vambe-identity", iat: inSeconds(0), exp: inSeconds(600), ...changes };
  return signJwt(claims, secret, header);
}

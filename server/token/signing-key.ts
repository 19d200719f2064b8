import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";

/** A P-256 key as a JWK: public, or private where it has `d`. Nothing else of a JWK is kept. */
export interface KeyJwk {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
  d?: string | undefined;
}

/** As it stands in the JWKS: no private part. */
export type PublishedJwk = Omit<KeyJwk, "d"> & { kid: string; alg: "ES256"; use: "sig" };

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicJwk: PublishedJwk;
}

export async function makeKeyJwk(): Promise<KeyJwk> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { x = "", y = "", d } = await exportJWK(privateKey);
  return { kty: "EC", crv: "P-256", x, y, d };
}

/** The same key without its private part. */
export const publicPartOf = ({ kty, crv, x, y }: KeyJwk): KeyJwk => ({ kty, crv, x, y });

/** The thumbprint of RFC 7638: the same key has the same name everywhere. */
export const kidOf = (jwk: KeyJwk): Promise<string> => calculateJwkThumbprint(publicPartOf(jwk) as JWK);

export const publishedJwk = (kid: string, jwk: KeyJwk): PublishedJwk => ({
  kty: jwk.kty,
  crv: jwk.crv,
  x: jwk.x,
  y: jwk.y,
  kid,
  alg: "ES256",
  use: "sig",
});

/** @throws where the JWK is not a private P-256 key */
export async function signingKeyOf(given: unknown): Promise<SigningKey> {
  const privateKey = privateKeyIn(given);
  if (!privateKey) throw new Error("not a private P-256 key");
  const { x = "", y = "" } = privateKey.export({ format: "jwk" });
  const jwk: KeyJwk = { kty: "EC", crv: "P-256", x, y };
  const kid = await kidOf(jwk);
  return { kid, privateKey, publicJwk: publishedJwk(kid, jwk) };
}

/** What is wrong with the text of `VAMBE_SIGNING_KEY`, or `undefined`. Never repeats any of it. */
export function signingKeyMistake(text: string): string | undefined {
  let jwk: unknown;
  try {
    jwk = JSON.parse(text);
  } catch {
    return "must be a private P-256 key as a JWK, and is not JSON: docs/keys.md shows how to make one";
  }
  const { kty, crv, d } = Object(jwk);
  if (kty !== "EC" || crv !== "P-256")
    return 'must be an EC key on the curve P-256 as a JWK: "kty": "EC", "crv": "P-256"';
  if (d === undefined) return 'must be a private key, and has no private part (the "d" of the JWK)';
  return privateKeyIn(jwk) ? undefined : "is a JWK whose parts (x, y, d) do not make a P-256 key pair";
}

function privateKeyIn(jwk: unknown): KeyObject | undefined {
  const { kty, crv, x, y, d } = Object(jwk);
  if (kty !== "EC" || crv !== "P-256" || d === undefined) return undefined;
  try {
    const key = createPrivateKey({ key: { kty, crv, x, y, d }, format: "jwk" });
    // That the public part belongs to the private one is not checked by the import.
    const probe = Buffer.from("a pair?");
    const isPair = verify("sha256", probe, createPublicKey(key), sign("sha256", probe, key));
    return isPair ? key : undefined;
  } catch {
    return undefined;
  }
}

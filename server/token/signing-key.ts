import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import type { Ledger } from "../ledger/ledger.ts";

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  /** As it stands in the JWKS: no private part. */
  publicJwk: JWK;
}

/** The key that signs the tokens: made once and kept in the ledger, where the first instance to make one decides. */
export async function keptSigningKey(ledger: Ledger): Promise<SigningKey> {
  const kept = await ledger.keepSecret("signing-key", async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    return JSON.stringify(await exportJWK(privateKey));
  });
  return signingKeyOf(JSON.parse(kept));
}

/** @throws where the JWK is not a private P-256 key */
export async function signingKeyOf(jwk: JWK): Promise<SigningKey> {
  const privateKey = await importJWK({ ...jwk, alg: "ES256" }, "ES256");
  if (privateKey instanceof Uint8Array || privateKey.type !== "private")
    throw new Error("not a private P-256 key");
  const { kty, crv, x, y } = jwk;
  const bare = { kty, crv, x, y } as JWK;
  const kid = await calculateJwkThumbprint(bare);
  return { kid, privateKey, publicJwk: { ...bare, kid, alg: "ES256", use: "sig" } };
}

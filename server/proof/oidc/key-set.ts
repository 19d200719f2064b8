import { type CryptoKey, createLocalJWKSet, errors, type JWK, type LocalJWKSet } from "jose";
import { z } from "zod/mini";
import { Problem } from "../../problems.ts";

/** The part of a proof's header that says which key it is signed with. */
export interface IssuerHeader {
  alg: "RS256" | "ES256" | "EdDSA" | "Ed25519";
  kid: string | undefined;
}

/** As many as are looked at. The largest provider has about a dozen; each proof is held against all of them. */
const MOST_KEYS = 100;
/** How many keys of one `kid` and kind are tried: a signature costs time. */
const MOST_ALIKE = 4;

/** Kinds of public key. A symmetric one (`oct`) would be a secret that everybody can read. */
const key = z.looseObject({ kty: z.enum(["RSA", "EC", "OKP"]) });
const document = z.object({ keys: z.array(z.unknown()) });

/** The keys that an issuer publishes, as far as they are of use here. */
export class KeySet {
  readonly #find: LocalJWKSet;
  readonly size: number;

  private constructor(keys: JWK[]) {
    this.#find = createLocalJWKSet({ keys });
    this.size = keys.length;
  }

  /** Passes over what is no key or of a kind that is not known (RFC 7517 §5). `undefined` where it is no key set at all. */
  static read(json: unknown): KeySet | undefined {
    const entries = document.safeParse(json).data?.keys;
    const keys = entries?.flatMap((entry) => key.safeParse(entry).data ?? []).slice(0, MOST_KEYS);
    return keys && new KeySet(keys.map(forBothNames));
  }

  /**
   * The keys that a proof may be signed with, which is one, unless the issuer has given one `kid` to several.
   * @throws {Problem} where the one that is there cannot be used, or where the proof does not say which it is
   */
  async find({ alg, kid }: IssuerHeader): Promise<CryptoKey[]> {
    try {
      return [await this.#find({ alg, ...(kid === undefined ? {} : { kid }) })];
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) {
        if (kid !== undefined) return firstOf(error);
        throw new Problem("proof-malformed", "The proof needs a `kid`: the issuer has several keys.");
      }
      if (error instanceof errors.JOSEError) return [];
      // A key that is broken.
      throw unusableKey();
    }
  }
}

export const unusableKey = () =>
  new Problem("proof-signature", "The issuer's key of that `kid` cannot be used.");

/** `EdDSA` with this curve is what RFC 9864 calls `Ed25519`: a key of either name verifies both. */
function forBothNames(jwk: JWK): JWK {
  const { alg, ...ofAnyName } = jwk;
  return jwk.kty === "OKP" && (alg === "EdDSA" || alg === "Ed25519") ? ofAnyName : jwk;
}

async function firstOf(keys: AsyncIterable<CryptoKey>): Promise<CryptoKey[]> {
  const first: CryptoKey[] = [];
  for await (const each of keys) {
    first.push(each);
    if (first.length === MOST_ALIKE) break;
  }
  return first;
}

import fc from "fast-check";
import { base64url } from "./proofs.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** All the ways to write the same bytes: the last letter of base64url may have bits that mean nothing. */
export function spellingsOf(proof: string): string[] {
  const last = LETTERS.indexOf(proof.slice(-1));
  return [...LETTERS]
    .map((letter) => proof.slice(0, -1) + letter)
    .filter((other) => other !== proof && sameSignature(other, proof) && last >= 0);
}

const bytesOf = (proof: string) => Buffer.from(proof.split(".")[2] ?? "", "base64url");
const sameSignature = (one: string, other: string) => bytesOf(one).equals(bytesOf(other));

/** Whether two proofs are one: the same signed text, letter for letter, and a signature of the same bytes. */
export const isSpellingOf = (one: string, other: string) =>
  one.replace(/[^.]*$/, "") === other.replace(/[^.]*$/, "") &&
  /^[\w-]*$/.test(one.split(".")[2] ?? "") &&
  sameSignature(one, other);

/** A proof after somebody has been at it who cannot sign: never the one that it was made from. */
export const alterations = (proof: string): fc.Arbitrary<string> =>
  fc
    .oneof(
      bitFlips(proof),
      letterChanges(proof),
      claimChanges(proof),
      headerChanges(proof),
      partChanges(proof),
    )
    .filter((altered) => altered !== proof && !isSpellingOf(altered, proof));

const partsOf = (proof: string): [string, string, string] => {
  const [header = "", payload = "", signature = ""] = proof.split(".");
  return [header, payload, signature];
};

/** One to three bits of what the parts decode to. */
function bitFlips(proof: string): fc.Arbitrary<string> {
  const parts = partsOf(proof);
  return fc
    .tuple(fc.nat({ max: 2 }), fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 3 }))
    .map(([which, bits]) => {
      const bytes = Buffer.from(parts[which] ?? "", "base64url");
      for (const bit of bits) {
        const at = (bit >> 3) % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      }
      return parts.with(which, bytes.toString("base64url")).join(".");
    });
}

/** A letter replaced, put in, taken out or doubled. */
function letterChanges(proof: string): fc.Arbitrary<string> {
  const letters = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...LETTERS) },
    fc.constantFrom(..."=+/.\u0000 \n\ufeff%é"),
  );
  return fc.tuple(fc.nat({ max: proof.length }), fc.nat({ max: 2 }), letters).map(([at, cut, letter]) => {
    return (
      proof.slice(0, at) + (cut === 2 ? "" : letter) + proof.slice(at + (cut === 0 ? 1 : cut === 2 ? 1 : 0))
    );
  });
}

const anyJson = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.constantFrom(null, true),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Other claims, under the signature of the old ones. */
function claimChanges(proof: string): fc.Arbitrary<string> {
  const [header, payload, signature] = partsOf(proof);
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, "base64url").toString());
  const names = fc.oneof(
    fc.constantFrom(...Object.keys(claims), "email", "fields", "name"),
    fc.string({ maxLength: 8 }),
  );
  const changed = fc.oneof(
    fc.dictionary(names, anyJson, { minKeys: 1, maxKeys: 3 }).map((changes) => ({ ...claims, ...changes })),
    fc.constantFrom(
      { ...claims, sub: "admin" },
      { ...claims, plan: "enterprise" },
      { ...claims, exp: Number(claims.exp) + 1 },
    ),
    anyJson,
  );
  return fc.oneof(
    changed.map((other) => `${header}.${base64url(JSON.stringify(other))}.${signature}`),
    // The same claims in other words.
    fc
      .constantFrom(" ", "\n", "  ")
      .map((space) => `${header}.${base64url(JSON.stringify(claims, null, space))}.${signature}`),
  );
}

/** Another header, under the signature of the old one; or one that asks for no signature. */
function headerChanges(proof: string): fc.Arbitrary<string> {
  const [, payload, signature] = partsOf(proof);
  const algs = fc.oneof(
    fc.constantFrom("none", "None", "HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA", "dir", "", null),
    fc.string({ maxLength: 6 }),
    anyJson,
  );
  const others = fc.dictionary(
    fc.constantFrom(
      "kid",
      "jwk",
      "jku",
      "x5c",
      "x5u",
      "crit",
      "b64",
      "zip",
      "enc",
      "typ",
      "cty",
      "__proto__",
    ),
    anyJson,
    { maxKeys: 3 },
  );
  return fc
    .tuple(algs, others, fc.constantFrom(signature, "", signature.slice(0, 20), "A".repeat(43)))
    .map(([alg, more, last]) => `${base64url({ alg, typ: "JWT", ...more })}.${payload}.${last}`);
}

/** Parts in another order, left out, doubled, borrowed from each other. */
function partChanges(proof: string): fc.Arbitrary<string> {
  const parts = partsOf(proof);
  return fc
    .array(fc.oneof(fc.constantFrom(...parts), fc.constant("")), { maxLength: 6 })
    .map((chosen) => chosen.join("."));
}

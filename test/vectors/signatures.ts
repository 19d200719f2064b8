import { createHmac } from "node:crypto";
import { base64url, signJwt } from "../support/proofs.ts";
import { accepted, claims, NOW, OLDER, proof, refused, SECRET } from "./vector.ts";

const [header = "", payload = "", signature = ""] = proof().split(".");
const HEX = "00112233445566778899aabbccddeeff".repeat(2);

/** As a library does that takes the secret for hex. */
function signWithDecoded(hex: string): string {
  const signed = `${header}.${payload}`;
  return `${signed}.${createHmac("sha256", Buffer.from(hex, "hex")).update(signed).digest("base64url")}`;
}

/** Signed as it stands, whatever it is. */
function signedText(headerText: string): string {
  const signed = `${base64url(headerText)}.${payload}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

/** The same 32 bytes, written with the two spare bits of the last letter set. */
function withSpareBits(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) | 0b11];
}

export const secrets = [
  accepted(
    "rotated secret",
    signJwt(claims(), OLDER),
    "During a rotation the list holds the new secret and the old one; each verifies.",
    { secret: `${SECRET},${OLDER}` },
  ),
  refused(
    "secret that is no longer in the list",
    "proof-signature",
    signJwt(claims(), OLDER),
    "The rotation is over.",
  ),
  accepted(
    "secret that could be hex",
    signJwt(claims(), HEX),
    "The key is the secret's text as UTF-8 bytes: 64 of them here.",
    { secret: HEX },
  ),
  refused(
    "secret decoded from hex",
    "proof-signature",
    signWithDecoded(HEX),
    "The key is the secret's text, never what it might decode to.",
    { secret: HEX },
  ),
  refused(
    "altered payload",
    "proof-signature",
    `${header}.${base64url(claims({ plan: "enterprise" }))}.${signature}`,
    "The signature covers every claim.",
  ),
  refused(
    "altered signature",
    "proof-signature",
    `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
    "One letter of the signature differs.",
  ),
  refused(
    "no signature",
    "proof-signature",
    `${header}.${payload}.`,
    "HS256 is claimed and nothing is signed.",
  ),
  refused(
    "spare bits of the signature",
    "proof-malformed",
    `${header}.${payload}.${withSpareBits(signature)}`,
    "43 letters carry 258 bits and a signature has 256: the last two are zero as base64url writes them, so that one proof has one text.",
  ),
  refused(
    "white space before the header's JSON",
    "proof-malformed",
    signedText(` {"alg":"HS256"}`),
    "JSON may begin with white space, a header may not: a user could have chosen such a text for a name.",
  ),
  refused(
    "byte order mark before the header's JSON",
    "proof-malformed",
    signedText(`\ufeff{"alg":"HS256"}`),
    "Some decoders pass over it, so that one header would have two texts.",
  ),
];

export const headers = [
  refused(
    "alg none",
    "proof-malformed",
    `${base64url({ alg: "none" })}.${payload}.`,
    "A token without a signature proves nothing.",
  ),
  refused(
    "alg none with a signature",
    "proof-malformed",
    proof({}, { alg: "none" }),
    "The header decides, and it is refused.",
  ),
  refused(
    "alg HS512",
    "proof-malformed",
    proof({}, { alg: "HS512" }),
    "With a shared secret, HS256 and no other algorithm.",
  ),
  refused(
    "wrong typ",
    "proof-malformed",
    proof({}, { typ: "at+jwt" }),
    "An access token is no proof (RFC 8725 §3.11).",
  ),
  refused(
    "typ of the exchange's own token",
    "proof-malformed",
    proof({}, { typ: "vambe-identity+jwt" }),
    "What the exchange issues cannot be turned in again.",
  ),
  refused(
    "crit",
    "proof-malformed",
    proof({}, { crit: ["exp"], exp: NOW + 600 }),
    "No critical extension is understood (RFC 7515 §4.1.11).",
  ),
  refused("not a JWT", "proof-malformed", "user-1", "Three base64url parts with dots between."),
];

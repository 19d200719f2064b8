import { signJwt } from "../support/proofs.ts";
import { accepted, claims, HOUR, NOW, proof, refused, SECRET } from "./vector.ts";

const UNICODE = {
  name: "María José Ñandú 李小龍 👩‍🚀",
  plan: "プレミアム",
  fields: { ciudad: "São Paulo", nota: '</script> & "comillas"' },
};

const NO_TRAITS = { name: undefined, email: undefined, plan: undefined };

export const good = [
  accepted("good", proof(), "Signed with the secret, for this user, now."),
  accepted(
    "only what is required",
    proof({ ...NO_TRAITS, iat: undefined, jti: undefined }),
    "`sub`, `aud` and `exp` suffice.",
    {},
    NO_TRAITS,
  ),
  accepted("without typ", proof({}, { typ: undefined }), "`typ` may be left out."),
  accepted(
    "unicode",
    proof(UNICODE),
    "Claims are UTF-8 JSON; nothing is escaped or normalised on the way.",
    {},
    UNICODE,
  ),
  accepted(
    "fields",
    proof({ fields: { seats: 12, trial: false, since: "2026-05-04T00:00:00.000Z" } }),
    "Numbers and booleans in `fields` are taken as text.",
    {},
    { fields: { seats: "12", trial: "false", since: "2026-05-04T00:00:00.000Z" } },
  ),
  accepted(
    "claims that mean nothing here",
    proof({ iss: "https://shop.example.com", role: "admin" }),
    "Other claims are passed over.",
  ),
];

export const times = [
  accepted(
    "expired within the skew",
    proof({ iat: NOW - 659, exp: NOW - 59 }),
    "Clocks may differ: for less than 60 s after `exp` it still counts.",
  ),
  refused(
    "expired beyond the skew",
    "proof-expired",
    proof({ iat: NOW - 660, exp: NOW - 60 }),
    "60 s or more after `exp`.",
  ),
  refused("expired long ago", "proof-expired", proof(), "The good proof, a day later.", {
    now: NOW + 24 * HOUR,
  }),
  accepted(
    "exp an hour and the skew ahead",
    proof({ exp: NOW + HOUR + 60 }),
    "At most one hour ahead, and clocks may differ by 60 s.",
  ),
  refused(
    "exp too far ahead",
    "proof-lifetime",
    proof({ exp: NOW + HOUR + 61 }),
    "More than an hour and the skew ahead.",
  ),
  refused(
    "exp in milliseconds",
    "proof-lifetime",
    proof({ exp: (NOW + 600) * 1000 }),
    "Read as seconds, it lies tens of thousands of years ahead.",
  ),
  refused(
    "exp as string",
    "proof-lifetime",
    proof({ exp: String(NOW + 600) }),
    "`exp` is a JSON number (RFC 7519 §4.1.4).",
  ),
  refused("no exp", "proof-lifetime", proof({ exp: undefined }), "A proof that never expires is refused."),
  accepted("iat within the skew", proof({ iat: NOW + 60 }), "The site's clock may be 60 s ahead."),
  refused("iat in the future", "proof-lifetime", proof({ iat: NOW + 61 }), "Made more than 60 s from now."),
  refused(
    "iat in milliseconds",
    "proof-lifetime",
    proof({ iat: NOW * 1000 }),
    "Read as seconds, it lies in the future.",
  ),
  accepted("nbf within the skew", proof({ nbf: NOW + 60 }), "The site's clock may be 60 s ahead."),
  refused("nbf in the future", "proof-lifetime", proof({ nbf: NOW + 61 }), "Not valid yet."),
];

export const audiences = [
  refused(
    "wrong aud",
    "proof-audience",
    proof({ aud: "another-service" }),
    "Made for somebody else with the same secret.",
  ),
  refused(
    "aud in capitals",
    "proof-audience",
    proof({ aud: "Vambe-Identity" }),
    "Compared letter for letter.",
  ),
  refused("no aud", "proof-audience", proof({ aud: undefined }), "`aud` is required."),
  accepted(
    "aud in a list",
    proof({ aud: ["shop", "vambe-identity"] }),
    "One among several suffices (RFC 7519 §4.1.3).",
  ),
  refused(
    "aud list without it",
    "proof-audience",
    proof({ aud: ["shop"] }),
    "None of them is this exchange.",
  ),
];

/** JavaScript cannot write this number, but the JSON of other languages can. */
const unsafeSub = JSON.stringify(claims()).replace('"user-1"', "9007199254740993");

export const users = [
  refused(
    "other user",
    "proof-other-user",
    proof({ sub: "user-2" }),
    "The page says user-1, the proof user-2.",
  ),
  refused(
    "other user by case",
    "proof-other-user",
    proof({ sub: "User-1" }),
    "Ids are compared letter for letter.",
  ),
  accepted(
    "numeric sub",
    proof({ sub: 12345 }),
    "A number stands for its decimal digits; a string is what RFC 7519 §4.1.2 asks for.",
    { user: { id: "12345" } },
    { id: "12345" },
  ),
  accepted(
    "numeric id in the page",
    proof({ sub: "12345" }),
    'The number 12345 and the text "12345" are one user.',
    { user: { id: 12345 } },
    { id: "12345" },
  ),
  refused(
    "unsafe numeric sub",
    "proof-claims",
    signJwt(unsafeSub, SECRET),
    "Beyond 2^53 - 1 a JSON number is not exact in every language: sign a string.",
    { user: { id: "9007199254740993" } },
  ),
  refused(
    "white space around the id",
    "proof-claims",
    proof({ sub: " user-1" }),
    "Nothing about an id is repaired.",
  ),
  refused("empty id", "proof-claims", proof({ sub: "" }), "`sub` is required."),
  refused("no sub", "proof-claims", proof({ sub: undefined }), "`sub` is required."),
  refused(
    "zero byte in the id",
    "proof-claims",
    proof({ sub: "user-1\u0000" }),
    "Control characters are refused.",
  ),
  refused(
    "id that stands for nobody",
    "proof-claims",
    proof({ sub: "undefined" }),
    "What a program writes where it knows no user would be one contact that strangers share.",
    { user: { id: "user-1" } },
  ),
  accepted(
    "email of the wrong type",
    proof({ email: ["jane@example.com"] }),
    "`name`, `email` and `plan` are strings: one that is not is left out, and the rest stands.",
    {},
    { email: undefined },
  ),
];

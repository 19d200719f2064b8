import { Problem } from "../problems.ts";

/** The part of a JWT's header that counts here. */
export interface JwtHeader {
  alg: unknown;
  kid: string | undefined;
}

/** Keys that come along, or an address of some: who forges a proof would choose them. */
const KEYS_IN_HEADER = ["jwk", "jku", "x5c", "x5u"] as const;

/** Reads the header, and refuses what no kind of JWT here may have. @throws {Problem} */
export function readHeader(proof: string): JwtHeader {
  const header = decodeHeader(proof);
  // The token that the exchange itself issues has a type of its own, and so has every other kind of JWT
  // that RFC 8725 §3.11 tells apart. None of them proves a sign-in.
  if (header.typ !== undefined && !(typeof header.typ === "string" && header.typ.toUpperCase() === "JWT")) {
    throw new Problem(
      "proof-malformed",
      "The proof's `typ` must be JWT, or left out. Of an issuer, send the ID token: access and logout tokens prove no sign-in.",
    );
  }
  if (header.crit !== undefined) {
    throw new Problem("proof-malformed", "The proof's header must not have `crit`.");
  }
  if (header.b64 !== undefined) {
    throw new Problem("proof-malformed", "The proof's header must not have `b64`.");
  }
  const key = KEYS_IN_HEADER.find((name) => header[name] !== undefined);
  if (key) throw new Problem("proof-malformed", `The proof's header must not bring a key (\`${key}\`).`);
  if (header.kid !== undefined && typeof header.kid !== "string") {
    throw new Problem("proof-malformed", "The proof's `kid` must be a string.");
  }
  return { alg: header.alg, kid: header.kid };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * One proof has one text. A decoder that passes over strange letters, over the unused bits of a last letter, or over
 * white space and a byte order mark before the JSON takes many texts for one, and names for headers.
 */
function decodeHeader(proof: string): Record<string, unknown> {
  const parts = proof.split(".");
  const [header] = parts;
  if (header && parts.length === 3 && parts.every((part) => CANONICAL.test(part))) {
    const json = textIn(header);
    if (json?.startsWith("{") && json.endsWith("}")) {
      const value = parse(json);
      if (value) return value;
    }
  }
  throw new Problem(
    "proof-malformed",
    "`proof` is not a compact JWT: three base64url parts with dots between, whole and unchanged, and in the first of them a JSON object without white space around it.",
  );
}

/** As base64url (RFC 4648 §5) writes it, without padding: what a last letter has in bits that do not count is 0. */
const CANONICAL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

function textIn(part: string): string | undefined {
  try {
    return decoder.decode(Buffer.from(part, "base64url"));
  } catch {
    return undefined;
  }
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    return { ...JSON.parse(json) };
  } catch {
    return undefined;
  }
}

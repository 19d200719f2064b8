/** What the inspector may show of a proof: no secret, and no value except the times. */
export interface ProofFacts {
  /** Such as `JWT, HS256`. */
  kind: string;
  /** Milliseconds since the epoch. */
  expiresAt?: number;
  /** Names of the traits that it proves. */
  covers: string[];
  /** What the exchange refuses about it, as far as the page can tell. */
  faults: string[];
}

type Json = Record<string, unknown>;

const HOUR = 3_600_000;

/** @param id the id that the page passes beside the proof */
export function readProof(proof: string, id: string, now: number): ProofFacts {
  const parts = proof.split(".");
  const [header, claims] = [decode(parts[0]), decode(parts[1])];
  if (parts.length !== 3 || !header || !claims) {
    return { kind: "not a JWT", covers: [], faults: ["It is not a JWT: three parts joined by dots."] };
  }
  const { alg } = header;
  const { sub, exp, fields } = claims;
  const expiresAt = typeof exp === "number" ? exp * 1000 : undefined;
  const covers = ["name", "email", "plan"].filter((name) => claims[name] != null);
  return {
    kind: `JWT, ${/^[A-Za-z]+\d*$/.test(`${alg}`) ? alg : "of no known algorithm"}`,
    ...(expiresAt !== undefined && { expiresAt }),
    covers: [...covers, ...namesIn(fields).map((name) => `fields.${name}`)],
    faults: [
      alg === "none" && "It is not signed (alg: none).",
      sub === undefined ? "It has no sub." : `${sub}` !== id && "Its sub is not the id that the page passes.",
      expiresAt === undefined ? "It has no exp." : timeFault(expiresAt, now, alg === "HS256"),
      alg === "HS256" && ![claims.aud].flat().includes("vambe-identity") && "Its aud is not vambe-identity.",
    ].filter((fault) => typeof fault === "string"),
  };
}

/** @param own whether the site's backend signed it. An issuer's tokens may live longer. */
function timeFault(expiresAt: number, now: number, own: boolean): string | undefined {
  if (expiresAt < now) return "By this computer's clock it has expired.";
  if (expiresAt - now > 1000 * 365 * 24 * HOUR) return "Its exp is in milliseconds; it must be in seconds.";
  // Allows a minute for clocks that differ.
  if (own && expiresAt - now > HOUR + 60_000) return "It lives longer than one hour.";
  return undefined;
}

/** One part of a JWT, or `undefined` if it is not the JSON of an object. */
function decode(part = ""): Json | undefined {
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (sign) =>
      sign.charCodeAt(0),
    );
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return value && typeof value === "object" ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

const namesIn = (fields: unknown) => (fields && typeof fields === "object" ? Object.keys(fields) : []);

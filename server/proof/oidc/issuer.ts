/** An OpenID provider whose ID tokens are proofs, as the settings have it. */
export interface Issuer {
  /** As the operator has written it: `iss` is compared with it letter by letter. */
  url: string;
  /** Client ids that its tokens are made for; one of them suffices. */
  audience: readonly string[];
  /** Where its keys are, in place of what its discovery document says. */
  jwksUrl?: string | undefined;
  /** The claim that has the user's id. */
  idClaim: string;
  /** Whether an email counts also where the token has no `email_verified`. */
  trustEmail: boolean;
}

/** Google writes itself in two ways, and both are its own (developers.google.com/identity: "verify the ID token"). */
const OTHER_SPELLINGS: Readonly<Record<string, string>> = {
  "https://accounts.google.com": "accounts.google.com",
};

/**
 * Whether a token may be this issuer's, by its `iss`. OpenID Connect Discovery §4.3 and RFC 8414 §3.3 have names
 * compared letter by letter; only the slash at the end, which the setting may have or not (Auth0's `iss` has it),
 * is left to the discovery document.
 */
export function mayBeOf({ url, jwksUrl }: Pick<Issuer, "url" | "jwksUrl">, iss: unknown): boolean {
  if (typeof iss !== "string") return false;
  return jwksUrl === undefined
    ? withoutSlash(iss) === withoutSlash(url) || isSpellingOf(url, iss)
    : isNameOf(url, iss);
}

/** Whether `iss` is the name that the issuer has by its own document, or another that it goes by. */
export const isNameOf = (name: string, iss: unknown): boolean => iss === name || isSpellingOf(name, iss);

/** What would be the same address, and is not the same name: `HTTPS://Sso.example.com:443/x/` and `https://sso.example.com/x`. */
export function isAlmost(url: string, iss: unknown): boolean {
  const [one, other] = [URL.parse(url), typeof iss === "string" ? URL.parse(iss) : null];
  return one !== null && other !== null && withoutSlash(one.href) === withoutSlash(other.href);
}

export const withoutSlash = (url: string) => url.replace(/\/$/, "");

const isSpellingOf = (name: string, iss: unknown) =>
  Object.hasOwn(OTHER_SPELLINGS, withoutSlash(name)) && OTHER_SPELLINGS[withoutSlash(name)] === iss;

import type { Issuer } from "../proof/oidc/issuer.ts";
import { isIdClaim, isKeysUrl } from "./issuer-checks.ts";

/** The options that have a value for each issuer: `value` where there is one issuer, else `issuer=value`. */
export interface IssuerOptions {
  oidcIssuer: readonly string[];
  oidcAudience: readonly string[];
  oidcJwksUrl: readonly string[];
  oidcIdClaim: readonly string[];
  oidcTrustEmail: readonly string[];
}

interface Mistake {
  option: keyof IssuerOptions;
  detail: string;
}

const OPTIONS = ["oidcAudience", "oidcJwksUrl", "oidcIdClaim", "oidcTrustEmail"] as const;

/** What a value has to be, where it is not the same for all that could be written. */
const VALUES: Partial<Record<keyof IssuerOptions, { isGood(value: string): boolean; detail: string }>> = {
  oidcJwksUrl: {
    isGood: isKeysUrl,
    detail: "must be an https URL of the issuer's key set (http only for localhost), without a password",
  },
  oidcIdClaim: {
    isGood: isIdClaim,
    detail: "must be the name of a claim that has the user's id, such as sub, oid or cognito:username",
  },
  oidcTrustEmail: { isGood: (value) => /^(true|false)$/i.test(value), detail: "must be true or false" },
};

/** The issuers of settings that have been checked. */
export const issuersIn = (options: IssuerOptions): Issuer[] =>
  options.oidcIssuer.map((url) => {
    const of = (option: (typeof OPTIONS)[number]) => valuesFor(url, options[option], options.oidcIssuer);
    return {
      url,
      audience: of("oidcAudience"),
      jwksUrl: of("oidcJwksUrl")[0],
      idClaim: of("oidcIdClaim")[0] ?? "sub",
      trustEmail: of("oidcTrustEmail")[0]?.toLowerCase() === "true",
    };
  });

/** What can never work, or could be read in two ways. Asked of raw options, so that it is said beside other mistakes. */
export function mistakesInIssuers(raw: Readonly<Partial<Record<keyof IssuerOptions, unknown>>>): Mistake[] {
  const listed = textsIn(raw.oidcIssuer);
  const issuers = [...new Map(listed.map((url) => [bare(url), url])).values()];
  const mistakes: Mistake[] = [];
  if (issuers.length < listed.length) {
    mistakes.push({ option: "oidcIssuer", detail: "must list each issuer once" });
  }
  for (const option of OPTIONS) {
    const detail = mistakeIn(option, textsIn(raw[option]), issuers);
    if (detail) mistakes.push({ option, detail });
  }
  return mistakes;
}

function mistakeIn(
  option: (typeof OPTIONS)[number],
  entries: readonly string[],
  issuers: readonly string[],
): string | undefined {
  const isAudience = option === "oidcAudience";
  if (issuers.length === 0) {
    // An audience that is left over does no harm, and is warned of.
    return isAudience || entries.length === 0
      ? undefined
      : "has no effect without VAMBE_OIDC_ISSUER: set it, or remove this";
  }
  const pairs = entries.map((entry) => pairIn(entry, issuers));
  if (issuers.length > 1 && pairs.some(({ issuer }) => issuer === undefined)) {
    return "must say for which of the issuers each value is, comma-separated: https://issuer.example.com=value";
  }
  if (
    isAudience &&
    pairs.some(({ issuer, value }) => issuer === undefined && /^https?:\/\/[^=]*=/i.test(value))
  ) {
    return "must have an issuer of VAMBE_OIDC_ISSUER before the =, written as it is there";
  }
  const values = issuers.map((issuer) => valuesFor(issuer, entries, issuers));
  if (isAudience && values.some((its) => its.length === 0)) {
    return "is required beside each issuer: the client id that its ID tokens are made for, or tokens made for other apps would count";
  }
  if (!isAudience && values.some((its) => its.length > 1))
    return "must have one value for an issuer, without commas";
  if (pairs.some(({ value }) => value === "" || !(VALUES[option]?.isGood(value) ?? true))) {
    return VALUES[option]?.detail ?? "must not be empty";
  }
  return undefined;
}

/** The values that are for one of the issuers. */
const valuesFor = (url: string, entries: readonly string[], issuers: readonly string[]): string[] =>
  entries.flatMap((entry) => {
    const { issuer, value } = pairIn(entry, issuers);
    return issuer === url || (issuer === undefined && issuers.length === 1) ? [value] : [];
  });

/** `https://issuer.example.com=value`, where that is one of the issuers (the longest that fits); anything else is a value. */
function pairIn(entry: string, issuers: readonly string[]): { issuer?: string; value: string } {
  const longestFirst = issuers.toSorted((one, other) => other.length - one.length);
  const issuer = longestFirst.find((url) =>
    [`${url}=`, `${bare(url)}=`, `${bare(url)}/=`].some((it) => entry.startsWith(it)),
  );
  if (issuer === undefined) return { value: entry };
  return { issuer, value: entry.slice(entry.indexOf("=", bare(issuer).length) + 1).trim() };
}

const bare = (url: string) => url.replace(/\/$/, "");

const textsIn = (value: unknown): string[] =>
  [value ?? []]
    .flat()
    .flatMap((item: unknown) =>
      typeof item === "string" ? [item] : typeof item === "boolean" ? [String(item)] : [],
    );

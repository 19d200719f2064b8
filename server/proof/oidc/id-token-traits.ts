import type { JWTPayload } from "jose";
import type { IgnoredTrait } from "../../protocol.ts";

/** What an ID token says of the user, not yet checked, and what it says without the issuer's word for it. */
export interface SaidByIssuer {
  traits: Record<string, unknown>;
  ignored: IgnoredTrait[];
}

/**
 * Supabase's `user_metadata` is not looked at: users write it themselves. An email, or a phone number, that the issuer has
 * not verified is none.
 */
export function traitsOf(claims: JWTPayload, trustEmail: boolean): SaidByIssuer {
  const { name, email, phone_number: phone, company, fields } = claims;
  const isOurs = isVerified(claims, "email", trustEmail);
  const phoneIsOurs = isVerified(claims, "phone_number", false);
  const leftOut = { email: !isOurs && email, phone: !phoneIsOurs && phone };
  return {
    traits: {
      name,
      ...(isOurs ? { email } : {}),
      plan: planOf(claims),
      ...(phoneIsOurs && { phone }),
      ...(isOfOurs(company) && { company }),
      fields,
    },
    ignored: Object.entries(leftOut)
      .filter(([, value]) => typeof value === "string" && value !== "")
      .map(([trait]) => ({ trait, reason: "not-verified" })),
  };
}

/** Other issuers have the company's name there, as a text. */
const isOfOurs = (company: unknown) => typeof company === "object";

/** Which claim says that another one is verified. Entra has one of its own, for those apps that ask for it. */
export const VERIFIED_BY: Readonly<Record<string, readonly [string, ...string[]]>> = {
  email: ["email_verified", "xms_edov"],
  phone_number: ["phone_number_verified"],
};

/** How issuers say yes: Cognito and Apple as text, Entra also as a number. */
const YES: readonly unknown[] = [true, "true", 1, "1"];

/** Whether the issuer vouches for a claim. Where nothing says so, it does for those that need no verification. */
export function isVerified(claims: JWTPayload, claim: string, trustEmail: boolean): boolean {
  const names = Object.hasOwn(VERIFIED_BY, claim) ? VERIFIED_BY[claim] : undefined;
  if (!names) return true;
  const said = names.find((name) => claims[name] !== undefined);
  return said === undefined ? trustEmail && claim === "email" : YES.includes(claims[said]);
}

/** `plan`; or the one claim that is a plan in a name space (`https://example.com/plan`, `custom:plan`); or `app_metadata.plan`. */
function planOf(claims: JWTPayload): unknown {
  const [spaced, ...others] = Object.keys(claims).filter((claim) => /[/:]plan$/.test(claim));
  if (Object.hasOwn(claims, "plan")) return claims.plan;
  if (spaced !== undefined && others.length === 0) return claims[spaced];
  const metadata: object = Object(claims.app_metadata);
  return "plan" in metadata ? metadata.plan : undefined;
}

import type { JWTPayload } from "jose";

/**
 * What an ID token says of the user. Supabase's `user_metadata` is not looked at: users write it themselves.
 * An email that the issuer has not verified is none.
 */
export function traitsOf(claims: JWTPayload): Record<string, unknown> {
  const { name, email, email_verified: verified = true, fields } = claims;
  return {
    name,
    // Some say it as text.
    ...(verified === true || verified === "true" ? { email } : {}),
    plan: planOf(claims),
    fields,
  };
}

/** `plan`; or the one claim that is a plan in a name space (`https://example.com/plan`, `custom:plan`); or `app_metadata.plan`. */
function planOf(claims: JWTPayload): unknown {
  const [spaced, ...others] = Object.keys(claims).filter((claim) => /[/:]plan$/.test(claim));
  if (Object.hasOwn(claims, "plan")) return claims.plan;
  if (spaced !== undefined && others.length === 0) return claims[spaced];
  const metadata: object = Object(claims.app_metadata);
  return Object.hasOwn(metadata, "plan") && "plan" in metadata ? metadata.plan : undefined;
}

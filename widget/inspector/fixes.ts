import type { IgnoredReason } from "../../server/answers.ts";
import type { LocalErrorCode } from "../types.ts";

/** One line for each error that starts in the page. */
const LOCAL: Record<LocalErrorCode, string> = {
  network:
    "Open the exchange's /livez in a tab of its own. If it answers, add this page's origin to VAMBE_ALLOWED_ORIGINS and restart it. If not, check data-server, the certificate, and connect-src of the content policy.",
  timeout:
    "Look at the timeline: is getProof slow, or the exchange? All of it together has ten seconds. It is tried again by itself.",
  superseded:
    "Nothing to mend, where a newer call or a log-out was meant. Otherwise call VambeIdentify in one place only, and sign a new proof at each login.",
  "invalid-user":
    "Pass { id } with the user's id as a string or number. To log out, call VambeIdentify(null).",
  "bad-answer":
    "Something other than an exchange answered, or an exchange of another version. Check data-server, and what a proxy in front does with POST /identify.",
  "proof-failed":
    "getProof must return the proof, a string, or a promise of it. Look at error.cause, and at your own endpoint's answer in the network panel.",
};

/** What each problem's page says, in short. */
const FROM_EXCHANGE: Record<string, string> = {
  "malformed-json": "Send one JSON object: { user, proof }.",
  "invalid-user": "Mend the fields named above. Only id is required; leave out what you do not know.",
  "headers-too-large": "The cookies of the site's domain are too large: 32 KB for all headers.",
  "body-too-large": "Send fewer or shorter custom fields: 32 KB in all.",
  "not-json": "Send the header Content-Type: application/json.",
  "origin-not-allowed": "Add this page's origin to VAMBE_ALLOWED_ORIGINS and restart the exchange.",
  "proof-missing": "Let your backend sign a JWT and pass it as proof, or pass getProof.",
  "proof-malformed": "Pass the JWT as your backend signed it, and not an access token or the exchange's own.",
  "proof-signature":
    "Sign with the very string that VAMBE_IDENTITY_SECRET holds, not decoded from base64 or hex.",
  "proof-expired":
    "Sign a new proof for each page load, or pass getProof. If it persists, compare the clocks.",
  "proof-lifetime": "Set exp in seconds, at most an hour ahead, and iat not in the future.",
  "proof-audience":
    "Set aud to vambe-identity. For an issuer's ID token, list its aud in VAMBE_OIDC_AUDIENCE.",
  "proof-claims": "Mend the claims named above: sub, name, email and plan are strings, fields an object.",
  "proof-other-user":
    "Fetch a new proof after a change of user: its sub must be the id that the page passes.",
  "proof-used":
    "VAMBE_PROOF_ONCE is set: sign a new proof, with a new jti, for each page load, or pass getProof.",
  "proof-user-hash":
    "user_hash is the hex HMAC-SHA256 of the id with VAMBE_USER_HASH_SECRET, or what hashUser makes with VAMBE_IDENTITY_SECRET.",
  "session-none": 'Call VambeIdentify only after login, with data-credentials="include" on the script tag.',
  "issuer-unavailable":
    "The issuer's keys or the site's endpoint cannot be reached. The exchange's log has the cause.",
  "rate-limited": "Look for a loop that calls VambeIdentify. Behind a proxy, set VAMBE_TRUST_PROXY.",
  "not-fetch": "Identify with the script, not with a form or a frame.",
  "not-found": "Check data-server: identifies go to POST /identify of the exchange.",
  "method-not-allowed": "Something rewrites the request's method. Identifies are posted.",
  "storage-unavailable": "The exchange cannot write its database. Its log has the cause.",
  "internal-error": "Look for the request id in the exchange's log.",
};

const UNKNOWN = "This inspector does not know the code. Look for the request id in the exchange's log.";

/** How to mend an error with this code. `answered` says whether the code came from the exchange or the page. */
export function fixFor(code: string, answered: boolean): string {
  const fixes: Record<string, string> = answered ? FROM_EXCHANGE : LOCAL;
  // The code may be any text that somebody answered, `constructor` too.
  return Object.hasOwn(fixes, code) ? `${fixes[code]}` : UNKNOWN;
}

/** Why a trait was left out, and what to do. */
export const REASONS: Record<IgnoredReason, string> = {
  unproven: "No proof covers it. Put it into the signed proof, beside the id.",
  "differs-from-proof":
    "The proof says something else, and the proof counts. Fetch a new proof when it changes.",
  "not-in-fields-setting": "VAMBE_FIELDS does not list it. Add it there and restart the exchange.",
  "unknown-trait": "No such trait. Put it into fields.",
  "not-verified":
    "The ID token does not say email_verified (phone_number_verified): true. If your issuer never sends it for emails, see VAMBE_OIDC_TRUST_EMAIL.",
  "not-an-email": "It has no form of an email address.",
  "not-a-phone": "It is no phone number, or has no country code and VAMBE_PHONE_COUNTRY is not set.",
  "not-valid": "It is a list, an object or too long a text. Pass a text, a number or a boolean.",
  "cannot-be-cleared": "Vambe lets nobody empty a name or an email. Leave it out.",
  "older-than-known":
    "A newer proof said something else. Fetch a new proof; an old page or tab may have kept this one.",
  "by-actor": "Somebody acts for the user (act in the proof), so nothing is written.",
  "missing-at-vambe": "Vambe has no custom field of that key yet. Create it there; it is sent then.",
  "rejected-by-vambe": "Vambe refuses the contact. The exchange's log and its command outbox list say why.",
};

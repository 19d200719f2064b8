import { randomUUID } from "node:crypto";
import { signJwt } from "../signed-jwt.ts";
import { LIMITS, PROOF_AUDIENCE } from "../user-rules.ts";
import { checkSecret } from "./secret.ts";
import type { SignedUser } from "./signed-user.ts";
import { checkId, checkUser } from "./user.ts";
import { hmacOf, userHashKey } from "./user-hash-key.ts";

export type { FieldValue, SignedUser } from "./signed-user.ts";

/** In seconds: as long as the exchange accepts (see `exp` in docs/signing.md), and what suits a page load. */
const LONGEST_LIFE_S = 3600;
const USUAL_LIFE_S = 600;

export interface SignOptions {
  /** How long the proof holds, in whole seconds: 1 to 3600. Default: 600, ten minutes. */
  expiresIn?: number | undefined;
}

/**
 * Signs who is logged in, so that a page may say so: pass the result as `proof` to `VambeIdentify`. For a
 * site's backend; the secret must never reach a browser.
 *
 * ```ts
 * import { signUser } from "vambe-identity/sign";
 *
 * const proof = await signUser({ id: user.id, email: user.email, plan: "premium" }, secret);
 * ```
 *
 * @param user Who is signed in. A Date in `fields` is signed as ISO 8601 text.
 * @param secret One of the secrets in the exchange's `VAMBE_IDENTITY_SECRET`, the newest: at least 32 bytes, used
 * as it stands and not decoded.
 * @returns A JWT (RFC 7519; HS256) with `sub` (the id, always a string), `name`, `email`, `plan` and `fields` where
 * given, `aud: "vambe-identity"`, `iat` and `exp` in seconds since the epoch, and a random `jti`.
 * @throws {TypeError} where something is missing or of the wrong type, {RangeError} where its value is out of
 * bounds. The message names the field and says what to do; it never holds a secret or a value.
 */
export async function signUser(
  user: SignedUser,
  secret: string,
  { expiresIn = USUAL_LIFE_S }: SignOptions = {},
): Promise<string> {
  const { id, ...traits } = checkUser(user);
  const key = checkSecret(secret);
  checkLife(expiresIn);
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: id, aud: PROOF_AUDIENCE, iat: now, exp: now + expiresIn, jti: randomUUID() };
  const proof = signJwt({ ...traits, ...claims }, key);
  if (proof.length > LIMITS.proof) {
    throw new RangeError(
      `user makes a proof of ${proof.length} characters and the exchange takes at most ${LIMITS.proof}: sign fewer or shorter fields`,
    );
  }
  return proof;
}

/**
 * The `user_hash` of an id: hex HMAC-SHA256 (RFC 2104) of its UTF-8 bytes, with a key that is derived from the secret, so
 * that no hash can be a JWT's signature. It proves the id alone and never expires: for a new site, `signUser` is the
 * better choice. A site that has the hashes of Intercom, Chatwoot or Front in place keeps its own code, and gives the
 * exchange their secret in `VAMBE_USER_HASH_SECRET`.
 *
 * @param id The user's id; a number stands for its decimal digits.
 * @param secret One of the secrets in the exchange's `VAMBE_USER_HASH_SECRET` or, where that is not set, in its
 * `VAMBE_IDENTITY_SECRET`.
 * @returns 64 hex digits, in small letters.
 * @throws {TypeError} or {RangeError}, as `signUser` does.
 */
export function hashUser(id: string | number, secret: string): string {
  return hmacOf(checkId(id), userHashKey(checkSecret(secret))).toString("hex");
}

function checkLife(expiresIn: unknown): void {
  if (typeof expiresIn !== "number")
    throw new TypeError("expiresIn must be a number of seconds, such as 600");
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > LONGEST_LIFE_S) {
    throw new RangeError(
      `expiresIn must be a whole number of seconds from 1 to ${LONGEST_LIFE_S}: the exchange accepts no longer proof. For pages that stay open, let getProof fetch a new one`,
    );
  }
}

import { fieldErrors } from "../field-errors.ts";
import { Problem } from "../problems.ts";
import { type IdentifyRequest, identifyRequest } from "../protocol.ts";

const KNOWN = new Set(Object.keys(identifyRequest.shape.user.shape));
/** Of names that are not known, so many are listed, and so much of each. */
const MOST_LISTED = 20;
const LONGEST_LISTED = 64;

/**
 * Checks the body of `POST /identify`.
 * @throws {Problem} listing each field that is wrong.
 */
export function checkIdentifyBody(json: unknown): { body: IdentifyRequest; unknownTraits: string[] } {
  const result = identifyRequest.safeParse(json);
  if (!result.success) {
    const errors = fieldErrors(result.error);
    const first = errors[0];
    throw new Problem(
      "invalid-user",
      first ? `\`${first.field}\` ${first.detail}.` : "The user is not valid.",
      { errors },
    );
  }
  return { body: result.data, unknownTraits: unknownTraits(json) };
}

function unknownTraits(json: unknown): string[] {
  const user = typeof json === "object" && json !== null && "user" in json ? json.user : {};
  return Object.keys(user ?? {})
    .filter((name) => !KNOWN.has(name))
    .slice(0, MOST_LISTED)
    .map((name) => name.slice(0, LONGEST_LISTED));
}

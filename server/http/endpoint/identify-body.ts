import { Problem } from "../../problems.ts";
import { fieldErrors, type IdentifyRequest, identifyRequest } from "../../protocol.ts";

const KNOWN = new Set(Object.keys(identifyRequest.shape.user.shape));
/** At most 20 unknown names are listed, each cut to 64 characters. */
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
  const user = objectIn(json, "user");
  // A custom field of this name is dropped by the schema, as it should be; nothing is dropped without a word.
  const poisoned = Object.keys(objectIn(user, "fields")).filter((name) => name === "__proto__");
  return [...Object.keys(user).filter((name) => !KNOWN.has(name)), ...poisoned]
    .slice(0, MOST_LISTED)
    .map((name) => name.slice(0, LONGEST_LISTED));
}

function objectIn(value: unknown, name: string): object {
  const inner: unknown = Object(value)[name];
  return typeof inner === "object" && inner !== null ? inner : {};
}

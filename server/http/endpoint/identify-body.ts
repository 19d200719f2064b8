import { Problem } from "../../problems.ts";
import { fieldErrors, type IdentifyRequest, type IgnoredTrait, identifyRequest } from "../../protocol.ts";

const KNOWN = new Set(Object.keys(identifyRequest.shape.user.shape));
const KNOWN_OF_COMPANY = new Set(["id", "name", "plan"]);
/** At most 20 names are listed, each cut to 64 characters. */
const MOST_LISTED = 20;
const LONGEST_LISTED = 64;

/**
 * Checks the body of `POST /identify`. What nobody knows is left out, and so is a list or an object in `fields`.
 * @throws {Problem} listing each field that is wrong.
 */
export function checkIdentifyBody(json: unknown): { body: IdentifyRequest; ignored: IgnoredTrait[] } {
  const odd = oddFields(json);
  const result = identifyRequest.safeParse(odd.length > 0 ? withoutFields(json, odd) : json);
  if (!result.success) {
    const errors = fieldErrors(result.error);
    const first = errors[0];
    throw new Problem(
      "invalid-user",
      first ? `\`${first.field}\` ${first.detail}.` : "The user is not valid.",
      { errors },
    );
  }
  return {
    body: result.data,
    ignored: [...listed(odd, "not-valid"), ...listed(unknownTraits(json), "unknown-trait")],
  };
}

const listed = (names: string[], reason: IgnoredTrait["reason"]): IgnoredTrait[] =>
  names.slice(0, MOST_LISTED).map((name) => ({ trait: name.slice(0, LONGEST_LISTED), reason }));

/** Names of the custom fields that hold a list or an object. */
const oddFields = (json: unknown): string[] =>
  Object.entries(objectIn(objectIn(json, "user"), "fields")).flatMap(([name, value]) =>
    typeof value === "object" && value !== null ? [name] : [],
  );

function withoutFields(json: unknown, names: string[]): object {
  const odd = new Set(names);
  const user = objectIn(json, "user");
  const left = Object.entries(objectIn(user, "fields")).filter(([name]) => !odd.has(name));
  return { ...Object(json), user: { ...user, fields: Object.fromEntries(left) } };
}

function unknownTraits(json: unknown): string[] {
  const user = objectIn(json, "user");
  // A custom field of this name is dropped by the schema, as it should be; nothing is dropped without a word.
  const poisoned = Object.keys(objectIn(user, "fields")).filter((name) => name === "__proto__");
  const ofCompany = Object.keys(objectIn(user, "company")).filter((name) => !KNOWN_OF_COMPANY.has(name));
  return [
    ...Object.keys(user).filter((name) => !KNOWN.has(name)),
    ...ofCompany.map((name) => `company.${name}`),
    ...poisoned,
  ];
}

function objectIn(value: unknown, name: string): object {
  const inner: unknown = Object(value)[name];
  return typeof inner === "object" && inner !== null ? inner : {};
}

import { Problem } from "../../problems.ts";
import { readTraits } from "../../proof/proven-traits.ts";
import { fieldErrors, type IdentifyRequest, type IgnoredTrait, identifyRequest } from "../../protocol.ts";

const KNOWN = new Set(Object.keys(identifyRequest.shape.user.shape));
const KNOWN_OF_COMPANY = new Set(["id", "name", "plan"]);
/** At most 20 names are listed, each cut to 64 characters. */
const MOST_LISTED = 20;
const LONGEST_LISTED = 64;

/**
 * Checks the body of `POST /identify`. What nobody knows is left out, and so is a list or an object in `fields`, and what no
 * company can be.
 * @throws {Problem} listing each field that is wrong.
 */
export function checkIdentifyBody(json: unknown): { body: IdentifyRequest; ignored: IgnoredTrait[] } {
  const user = objectIn(json, "user");
  const odd = oddFields(user);
  const company = "company" in user ? readTraits({ company: user.company }) : undefined;
  const result = identifyRequest.safeParse(
    odd.length > 0 || company ? { ...Object(json), user: without(user, odd) } : json,
  );
  if (!result.success) {
    const errors = fieldErrors(result.error);
    const first = errors[0];
    throw new Problem(
      "invalid-user",
      first ? `\`${first.field}\` ${first.detail}.` : "The user is not valid.",
      { errors },
    );
  }
  const { data } = result;
  return {
    body: company ? { ...data, user: { ...data.user, company: company.traits.company } } : data,
    ignored: [
      ...(company?.ignored ?? []),
      ...listed(odd, "not-valid"),
      ...listed(unknownTraits(user), "unknown-trait"),
    ],
  };
}

const listed = (names: string[], reason: IgnoredTrait["reason"]): IgnoredTrait[] =>
  names.slice(0, MOST_LISTED).map((name) => ({ trait: name.slice(0, LONGEST_LISTED), reason }));

/** Names of the custom fields that hold a list or an object. */
const oddFields = (user: object): string[] =>
  Object.entries(objectIn(user, "fields")).flatMap(([name, value]) =>
    typeof value === "object" && value !== null ? [name] : [],
  );

function without(user: object, fields: string[]): object {
  const odd = new Set(fields);
  const left = Object.entries(user).flatMap(([name, value]): [string, unknown][] => {
    if (name === "company") return [];
    if (name !== "fields" || odd.size === 0) return [[name, value]];
    return [[name, Object.fromEntries(Object.entries(value).filter(([field]) => !odd.has(field)))]];
  });
  return Object.fromEntries(left);
}

function unknownTraits(user: object): string[] {
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

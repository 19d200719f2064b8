import { type FieldError, Problem } from "../problems.ts";
import { isNobody } from "../protocol.ts";
import { readActor } from "./actor.ts";
import type { Proven } from "./proof.ts";
import { readId, readTraits } from "./proven-traits.ts";

const OWN = ["id", "name", "email", "plan", "fields"];

/**
 * The user in the JSON of the site's session endpoint: `{ id, name, email, plan, fields }`, `sub` in place of
 * `id`, or the same inside `user`. `paths` says where else a trait stands; a trait of another name is a custom field.
 * `undefined` where it names no user.
 * @throws {Problem} where it does, and wrongly
 */
export function readSessionUser(json: unknown, paths: Readonly<Record<string, string>>): Proven | undefined {
  const inner = valueAt(json, "user");
  const base = idIn(json) === undefined && typeof inner === "object" ? inner : json;
  const of = (trait: string) => {
    const path = Object.hasOwn(paths, trait) ? paths[trait] : undefined;
    return path === undefined ? valueAt(base, trait) : valueAt(json, path);
  };
  const id = Object.hasOwn(paths, "id") ? of("id") : idIn(base);
  if (isNobody(id)) return undefined;

  const mapped = Object.keys(paths).filter((trait) => !OWN.includes(trait));
  const fields: unknown = of("fields");
  const { traits, ignored } = readTraits({
    name: of("name"),
    email: of("email"),
    plan: of("plan"),
    fields:
      mapped.length === 0 || !isObjectOrNone(fields)
        ? fields
        : { ...fields, ...Object.fromEntries(mapped.map((trait) => [trait, of(trait) ?? null])) },
  });
  return {
    id: readId(id, "id", notAUser),
    traits,
    ignored,
    actor: readActor(of("act"), notAUser),
    provenAt: Date.now(),
  };
}

/** What is listed of an answer in which no id was found. */
const MOST_LISTED = 10;

/**
 * Says where an answer has no id, if it looks like one about a user all the same: as NextAuth's has it by default, or where
 * the setting names another place. It lists names, and never a value. `undefined` where nobody is signed in.
 */
export function whereIdIsNot(json: unknown, paths: Readonly<Record<string, string>>): string | undefined {
  const base = [valueAt(json, "user"), json].find((value) => isObject(value) && !isEmpty(value));
  if (!isObject(base) || SAYS_NO.some((name) => Object.hasOwn(base, name))) return undefined;
  // An id that stands for nobody: nobody is signed in.
  if (!Object.hasOwn(paths, "id") && idIn(base) !== undefined) return undefined;
  const prefix = base === json ? "" : "user.";
  const names = Object.entries(base)
    .filter(([name, value]) => /^[\w-]{1,40}$/.test(name) && !isEmpty(value))
    .map(([name]) => name)
    .slice(0, MOST_LISTED)
    .map((name) => prefix + name);
  if (names.length === 0) return undefined;
  const place = Object.hasOwn(paths, "id")
    ? `\`${paths.id}\`, where VAMBE_SESSION_FIELDS looks for it`
    : "`id` or `sub`";
  return `The site's session endpoint answers without an id in ${place}. It has: ${names.join(", ")}. Let it answer with the id, or say in VAMBE_SESSION_FIELDS where it is, such as id:${names[0]}.`;
}

/** Members by which endpoints say that nobody is signed in. */
const SAYS_NO = ["error", "message", "errors", "detail"];

const notAUser = (errors: FieldError[]) =>
  new Problem("proof-claims", "The site's session endpoint names a user that is not valid.", { errors });

const idIn = (value: unknown) => valueAt(value, "id") ?? valueAt(value, "sub") ?? undefined;

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Says as little as if it were not there, as `null`, `{}` and `[]` do. */
const isEmpty = (value: unknown) =>
  value === null || (typeof value === "object" && Object.keys(value).length === 0);

const isObjectOrNone = (value: unknown): value is object | null | undefined =>
  value === undefined || (typeof value === "object" && !Array.isArray(value));

/** `account.seats` → `json.account.seats`, if all of it is there. */
function valueAt(json: unknown, path: string): unknown {
  let value = json;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, name)?.value;
  }
  return value;
}

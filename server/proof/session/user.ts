import { isObject } from "../../is-object.ts";
import { type FieldError, Problem } from "../../problems.ts";
import { isNobody } from "../../protocol.ts";
import { type Actor, readActor } from "../actor.ts";
import { provenNow } from "../jwt-refusal.ts";
import type { Proven } from "../proof.ts";
import { readId, readTraits } from "../proven-traits.ts";

const OWN = ["id", "name", "email", "plan", "phone", "company", "fields", "act"];

/**
 * The user in the JSON of the site's session endpoint: `{ id, name, email, plan, phone, company, fields }`, `sub` in place of
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
    phone: of("phone"),
    company: of("company"),
    fields:
      mapped.length === 0 || !isObjectOrNone(fields)
        ? fields
        : { ...fields, ...Object.fromEntries(mapped.flatMap((trait) => given(trait, of(trait)))) },
  });
  return {
    id: readId(id, "id", notAUser),
    by: "session",
    traits,
    ignored,
    actor: actorIn(json, paths),
    provenAt: provenNow(),
  };
}

/** A trait that is not in the answer at all is left alone. */
const given = (trait: string, value: unknown): [string, unknown][] =>
  value === undefined ? [] : [[trait, value]];

/**
 * Who acts for the user. `act` counts wherever an answer may have it: beside the user, in it, beside the id, or where the
 * setting says. Overlooked, support would pass for the customer.
 */
function actorIn(json: unknown, paths: Readonly<Record<string, string>>): Actor | undefined {
  const besideId = (paths.id ?? "").split(".").slice(0, -1);
  const places = ["act", "user.act", [...besideId, "act"].join("."), ...(paths.act ? [paths.act] : [])];
  const [actor, ...others] = places.flatMap((place) => readActor(valueAt(json, place), notAUser) ?? []);
  if (others.every(({ id }) => id === actor?.id)) return actor;
  throw notAUser([{ field: "act", detail: "names one actor in one place and another in the next" }]);
}

/** What is listed of an answer in which no id was found. */
const MOST_LISTED = 10;

/** Names of members that can well be ids. Of others none is proposed: all who share a name would be one customer. */
const LIKE_AN_ID = /(^|[._-])(id|uid|uuid|guid|sub)$|I[dD]$/;

/**
 * Says where an answer has no id, if it looks like one about a user all the same: as NextAuth's has it by default, or where
 * the setting names another place. It lists names, and never a value. `undefined` where nobody is signed in.
 */
export function whereIdIsNot(json: unknown, paths: Readonly<Record<string, string>>): string | undefined {
  const user = valueAt(json, "user");
  const isMapped = Object.hasOwn(paths, "id");
  const base = isObject(user) ? user : json;
  if (!isObject(base) || SAYS_NO.some((name) => Object.hasOwn(base, name))) return undefined;
  // Nobody: `user` is there and no object, an id stands for nobody, or there are flags and nothing else.
  if (base === json && user !== undefined) return undefined;
  if (!isMapped && idIn(base) !== undefined) return undefined;
  const prefix = base === json ? "" : "user.";
  const names = Object.entries(base)
    .filter(([name, value]) => /^[\w-]{1,40}$/.test(name) && value && typeof value !== "boolean")
    .map(([name]) => prefix + name)
    .slice(0, MOST_LISTED);
  if (names.length === 0) return undefined;
  const place = isMapped ? `\`${paths.id}\`, where VAMBE_SESSION_FIELDS looks for it` : "`id` or `sub`";
  const likely = names.find((name) => LIKE_AN_ID.test(name));
  const remedy = likely
    ? `say in VAMBE_SESSION_FIELDS where it is, such as id:${likely}`
    : "name a member in VAMBE_SESSION_FIELDS that is one user's alone and never changes";
  return `The site's session endpoint answers without an id in ${place}. It has: ${names.join(", ")}. Let it answer with the id, or ${remedy}.`;
}

/** Members by which endpoints say that nobody is signed in. */
const SAYS_NO = ["error", "message", "errors", "detail"];

const notAUser = (errors: FieldError[]) =>
  new Problem("proof-claims", "The site's session endpoint names a user that is not valid.", { errors });

const idIn = (value: unknown) => valueAt(value, "id") ?? valueAt(value, "sub") ?? undefined;

const isObjectOrNone = (value: unknown): value is object | null | undefined =>
  value === undefined || (typeof value === "object" && !Array.isArray(value));

/** `account.seats` → `json.account.seats`, if all of it is there; `null` where there is none of it any more. */
function valueAt(json: unknown, path: string): unknown {
  let value = json;
  for (const name of path.split(".")) {
    if (value === null) return null;
    if (typeof value !== "object") return undefined;
    value = Object.getOwnPropertyDescriptor(value, name)?.value;
  }
  return value;
}

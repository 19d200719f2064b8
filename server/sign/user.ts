import type { z } from "zod";
import { fieldErrors, type Traits, traits, userId } from "../protocol.ts";

/** What a custom field may hold. A Date is signed as ISO 8601 text; `null` says the same as leaving it out. */
export type FieldValue = string | number | boolean | Date | null | undefined;

/** Who is signed in. `null` says the same as leaving a trait out. */
export interface SignedUser {
  /** The id that the site knows the user by. A number stands for its decimal digits. */
  id: string | number;
  name?: string | null | undefined;
  email?: string | null | undefined;
  plan?: string | null | undefined;
  /** Further custom fields, name → value. */
  fields?: Readonly<Record<string, FieldValue>> | null | undefined;
}

const NO_USER = "user must be an object with the signed-in user's id: { id, name, email, plan }";

/**
 * The user as it is signed. The rules are the exchange's own, so that what it would refuse fails here, at the
 * site, where it can be mended.
 * @throws {TypeError} or {RangeError} that names the field and never a value.
 */
export function checkUser(user: unknown): { id: string } & Traits {
  if (typeof user !== "object" || user === null) throw new TypeError(NO_USER);
  const { id, name, email, plan, fields } = user as Record<string, unknown>;
  const checkedId = checkId(id);
  const result = traits.safeParse({ name, email, plan, fields: withoutDates(fields) });
  if (!result.success) throw mistakeIn(result.error);
  return { id: checkedId, ...result.data };
}

export function checkId(id: unknown): string {
  const result = userId.safeParse(id);
  if (!result.success) throw mistakeIn(result.error, "id");
  return result.data;
}

function withoutDates(fields: unknown): unknown {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return fields;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([field, value]) => [field, isoText(field, value)]));
}

function isoText(field: string, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  if (Number.isNaN(value.getTime())) {
    throw new RangeError(`fields.${field} is not a valid date: leave it out where there is none`);
  }
  return value.toISOString();
}

/** The first of several mistakes. */
function mistakeIn(error: z.ZodError, field?: string): TypeError | RangeError {
  const [mistake] = fieldErrors(error);
  const message = `${field ?? mistake?.field} ${mistake?.detail}`;
  return error.issues[0]?.code.startsWith("invalid_") ? new TypeError(message) : new RangeError(message);
}

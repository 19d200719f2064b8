import { isNobody, isPlainText, LIMITS, MISTAKES, tidied } from "../user-rules.ts";

const NO_USER = "user must be an object with the signed-in user's id: { id, name, email, plan }";

type Text = string | null | undefined;

/** What is signed. */
interface Checked {
  id: string;
  name?: Text;
  email?: Text;
  plan?: Text;
  phone?: Text;
  company?: { id?: Text; name?: Text; plan?: Text } | null | undefined;
  fields?: Record<string, string | null> | null | undefined;
}

/**
 * The user as it is signed. The rules are the exchange's own, so that what it would refuse fails here, at the site, where
 * it can be mended. They are written out, and not the exchange's schema, whose library is ten times the size of all this.
 * @throws {TypeError} or {RangeError} that names the field and never a value.
 */
export function checkUser(user: unknown): Checked {
  if (typeof user !== "object" || user === null) throw new TypeError(NO_USER);
  const { id, name, email, plan, phone, company, fields } = user as Record<string, unknown>;
  return {
    id: checkId(id),
    name: checkText("name", name),
    email: checkText("email", email),
    plan: checkText("plan", plan),
    phone: checkText("phone", phone),
    company: checkCompany(company),
    fields: checkFields(fields),
  };
}

/** @throws {TypeError} or {RangeError} */
export function checkId(id: unknown): string {
  if (typeof id !== "string" && !(typeof id === "number" && Number.isFinite(id)))
    throw new TypeError(`id ${MISTAKES.noId}`);
  const text = String(id);
  const mistake =
    typeof id === "number" && Number.isInteger(id) && !Number.isSafeInteger(id)
      ? MISTAKES.inexact
      : mistakeInId(text);
  if (mistake !== undefined) throw new RangeError(`id ${mistake}`);
  return text;
}

function mistakeInId(id: string): string | undefined {
  if (id === "") return MISTAKES.noId;
  if (id.length > LIMITS.id) return MISTAKES.tooLong(LIMITS.id);
  if (id.trim() !== id) return MISTAKES.spaceAtEnds;
  if (isNobody(id)) return MISTAKES.nobody;
  return isPlainText(id) ? undefined : MISTAKES.controls;
}

const checkText = (trait: "name" | "email" | "plan" | "phone", value: unknown): Text =>
  tidiedText(trait, value, LIMITS[trait]);

function tidiedText(trait: string, value: unknown, most: number): Text {
  if (value === undefined || value === null) return value;
  if (typeof value !== "string") throw new TypeError(`${trait} ${MISTAKES.notText}`);
  if (value.length > most) throw new RangeError(`${trait} ${MISTAKES.tooLong(most)}`);
  return tidied(value);
}

function checkCompany(company: unknown): Checked["company"] {
  if (company === undefined || company === null) return company;
  if (typeof company !== "object" || Array.isArray(company))
    throw new TypeError(`company ${MISTAKES.notCompany}`);
  const { id, name, plan } = company as Record<string, unknown>;
  if (
    id !== undefined &&
    id !== null &&
    typeof id !== "string" &&
    !(typeof id === "number" && Number.isFinite(id))
  )
    throw new TypeError(`company.id ${MISTAKES.notTextOrNumber}`);
  return {
    id: typeof id === "number" ? String(id) : tidiedText("company.id", id, LIMITS.company),
    name: tidiedText("company.name", name, LIMITS.company),
    plan: tidiedText("company.plan", plan, LIMITS.company),
  };
}

function checkFields(fields: unknown): Checked["fields"] {
  if (fields === undefined || fields === null) return fields;
  if (typeof fields !== "object" || Array.isArray(fields))
    throw new TypeError(`fields ${MISTAKES.notFields}`);
  const given = Object.entries(fields).filter(([name, value]) => value !== undefined && name !== "__proto__");
  const checked = given.map(([name, value]) => [name, checkField(name, value)]);
  if (given.length > LIMITS.fields) throw new RangeError(`fields ${MISTAKES.tooManyFields}`);
  return Object.fromEntries(checked);
}

function checkField(name: string, value: unknown): string | null {
  if (name.length > LIMITS.fieldName) throw new TypeError(`fields.${name} ${MISTAKES.fieldName}`);
  if (value === null) return null;
  if (value instanceof Date) return isoText(name, value);
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)))
    return String(value);
  if (typeof value === "string" && value.length <= LIMITS.fieldValue) return tidied(value);
  throw new TypeError(`fields.${name} ${MISTAKES.fieldValue}`);
}

function isoText(field: string, date: Date): string {
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new RangeError(`fields.${field} is not a valid date: leave it out where there is none`);
}

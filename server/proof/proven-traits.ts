import type { z } from "zod/mini";
import { isObject } from "../is-object.ts";
import type { FieldError, Problem } from "../problems.ts";
import { fieldErrors, type IgnoredTrait, LIMITS, type Traits, traits, userId } from "../protocol.ts";

/** Traits that a proof covers, and those that are not what a trait can be. */
export interface ReadTraits {
  traits: Traits;
  ignored: IgnoredTrait[];
}

/** So many fields beyond those that there may be are named as left out. */
const MOST_NAMED = 20;

const { name, email, plan, phone, company, fields } = traits.shape;
const OWN = { name, email, plan, phone };
const OF_COMPANY = ["id", "name", "plan"] as const;

/** Checks one trait by itself. What is odd is noted as ignored, and gives `undefined`. */
type Read = <T>(trait: string, check: z.ZodMiniType<T>, value: unknown) => T | undefined;

/**
 * The traits in a proof. One that is odd (a list, an object, too long a text) is left out by itself: that somebody's plan
 * is not to be understood is no reason not to know who he is.
 */
export function readTraits(given: Readonly<Record<string, unknown>>): ReadTraits {
  const ignored: IgnoredTrait[] = [];
  const read: Read = (trait, check, value) => {
    const { success, data } = check.safeParse(value instanceof Date ? isoText(value) : value);
    if (!success) ignored.push({ trait, reason: "not-valid" });
    return data;
  };
  const own = Object.fromEntries(
    Object.entries(OWN).map(([trait, check]) => [trait, read(trait, check, given[trait])]),
  );
  return {
    traits: { ...own, company: readCompany(given.company, read), fields: readFields(given.fields, read) },
    ignored,
  };
}

function readCompany(given: unknown, read: Read): Traits["company"] {
  if (!isObject(given)) return read("company", company, given);
  const members = OF_COMPANY.map((member) => {
    const value = Object.getOwnPropertyDescriptor(given, member)?.value;
    return [member, read(`company.${member}`, company, { [member]: value })?.[member]];
  });
  return Object.fromEntries(members);
}

function readFields(given: unknown, read: Read): Traits["fields"] {
  if (!isObject(given)) return read("fields", fields, given);
  const all: Record<string, string | null> = {};
  // As many as there may be, and some of the others are named.
  for (const [field, value] of Object.entries(given).slice(0, LIMITS.fields + MOST_NAMED)) {
    const isOneTooMany = Object.keys(all).length >= LIMITS.fields;
    const name = field.slice(0, LIMITS.fieldName);
    const one = read(name, fields, {
      [field]: isOneTooMany ? [] : value instanceof Date ? isoText(value) : value,
    });
    const text = one?.[field];
    if (text !== undefined) all[field] = text;
  }
  return all;
}

/** A date that is none is no text either. */
const isoText = (date: Date) => (Number.isNaN(date.getTime()) ? date : date.toISOString());

/**
 * The id that a proof is for.
 * @param field what the proof calls it
 * @throws {Problem} where it is none
 */
export function readId(id: unknown, field: string, isWrong: (mistakes: FieldError[]) => Problem): string {
  const result = userId.safeParse(id);
  if (result.success) return result.data;
  throw isWrong(fieldErrors(result.error).map(({ detail }) => ({ field, detail })));
}

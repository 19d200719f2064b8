import { z } from "zod/mini";
import type { FieldError } from "./problems.ts";
import { isNobody, isPlainText, LIMITS, MISTAKES, tidied } from "./user-rules.ts";

/**
 * The wire between the page and the exchange. The widget imports the types alone, so no schema reaches a
 * browser; the server parses with the schemas, so the two cannot drift apart.
 */

/**
 * The user's id. It names a person, so nothing about it is repaired: an id that would have to be changed is
 * refused. A number stands for its decimal digits, and only where JSON carries it without loss.
 */
export const userId = z.pipe(
  z.pipe(
    z.union([z.string(), z.number()], { error: MISTAKES.noId }).check(
      z.refine((id) => typeof id === "string" || !Number.isInteger(id) || Number.isSafeInteger(id), {
        error: MISTAKES.inexact,
        abort: true,
      }),
    ),
    z.transform(String),
  ),
  z.string().check(
    z.minLength(1, { error: MISTAKES.noId, abort: true }),
    z.maxLength(LIMITS.id, MISTAKES.tooLong(LIMITS.id)),
    z.refine((id) => id.trim() === id, MISTAKES.spaceAtEnds),
    z.refine((id) => !isNobody(id), { error: MISTAKES.nobody, abort: true }),
    z.refine(isPlainText, MISTAKES.controls),
  ),
);

/** Free text, see `tidied`. */
const text = (max: number) =>
  z.pipe(
    z.string({ error: MISTAKES.notText }).check(z.maxLength(max, MISTAKES.tooLong(max))),
    z.transform(tidied),
  );

const fieldValue = z.union(
  [text(LIMITS.fieldValue), z.pipe(z.union([z.number(), z.boolean()]), z.transform(String))],
  { error: MISTAKES.fieldValue },
);

const fields = z
  .record(z.string().check(z.maxLength(LIMITS.fieldName)), z.nullable(fieldValue), {
    error: ({ code }) => (code === "invalid_key" ? MISTAKES.fieldName : MISTAKES.notFields),
  })
  .check(z.refine((all) => Object.keys(all).length <= LIMITS.fields, MISTAKES.tooManyFields));

/** The company that the user belongs to, at the site. */
const company = z.object(
  {
    id: z.nullish(
      z.pipe(
        z.pipe(z.union([z.string(), z.number()], { error: MISTAKES.notTextOrNumber }), z.transform(String)),
        text(LIMITS.company),
      ),
    ),
    name: z.nullish(text(LIMITS.company)),
    plan: z.nullish(text(LIMITS.company)),
  },
  { error: MISTAKES.notCompany },
);

/** What may be known of a user beside the id. `null` empties a trait; one that is left out stays as it is. */
export const traits = z.object({
  name: z.nullish(text(LIMITS.name)),
  email: z.nullish(text(LIMITS.email)),
  plan: z.nullish(text(LIMITS.plan)),
  phone: z.nullish(text(LIMITS.phone)),
  company: z.nullish(company),
  fields: z.nullish(fields),
});

/** The body of `POST /identify`. Names that are not listed here are dropped; the answer lists them in `ignored`. */
export const identifyRequest = z.object(
  {
    user: z.object(
      {
        ...traits.shape,
        id: userId,
        user_hash: z.nullish(z.string({ error: "must be a string of hex digits" }).check(z.maxLength(128))),
      },
      { error: "is required: an object with the user's id" },
    ),
    proof: z.nullish(
      z
        .string({ error: "must be a string: the signed JWT" })
        .check(z.maxLength(LIMITS.proof, `must be at most ${LIMITS.proof} characters`)),
    ),
  },
  { error: "must be a JSON object: { user, proof }" },
);

export type Traits = z.output<typeof traits>;
export type IdentifyRequest = z.output<typeof identifyRequest>;

/** A body can be wrong in thousands of places: at most 20 are listed. */
const MOST_ERRORS = 20;

/** What zod found, as the fields that a developer would write. Neither path nor message repeats a value. */
export function fieldErrors(error: z.core.$ZodError): FieldError[] {
  return error.issues
    .slice(0, MOST_ERRORS)
    .map(({ path, message }) => ({ field: path.join(".") || "body", detail: message }));
}

export type * from "./answers.ts";
export { isNobody, LIMITS, PROOF_AUDIENCE } from "./user-rules.ts";

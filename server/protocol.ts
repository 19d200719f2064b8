import { z } from "zod";
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
export const userId = z
  .union([z.string(), z.number()], { error: MISTAKES.noId })
  .refine((id) => typeof id === "string" || !Number.isInteger(id) || Number.isSafeInteger(id), {
    error: MISTAKES.inexact,
    abort: true,
  })
  .transform(String)
  .pipe(
    z
      .string()
      .min(1, { error: MISTAKES.noId, abort: true })
      .max(LIMITS.id, MISTAKES.tooLong(LIMITS.id))
      .refine((id) => id.trim() === id, MISTAKES.spaceAtEnds)
      .refine((id) => !isNobody(id), {
        error: MISTAKES.nobody,
        abort: true,
      })
      .refine(isPlainText, MISTAKES.controls),
  );

/** Free text, see `tidied`. */
const text = (max: number) =>
  z.string({ error: MISTAKES.notText }).max(max, MISTAKES.tooLong(max)).transform(tidied);

const fieldValue = z.union(
  [text(LIMITS.fieldValue), z.number().transform(String), z.boolean().transform(String)],
  {
    error: MISTAKES.fieldValue,
  },
);

const fields = z
  .record(z.string().max(LIMITS.fieldName), fieldValue.nullable(), {
    error: ({ code }) => (code === "invalid_key" ? MISTAKES.fieldName : MISTAKES.notFields),
  })
  .refine((all) => Object.keys(all).length <= LIMITS.fields, MISTAKES.tooManyFields);

/** What may be known of a user beside the id. `null` says the same as leaving a trait out. */
export const traits = z.object({
  name: text(LIMITS.name).nullish(),
  email: text(LIMITS.email).nullish(),
  plan: text(LIMITS.plan).nullish(),
  fields: fields.nullish(),
});

/** The body of `POST /identify`. Names that are not listed here are dropped; the answer lists them in `ignored`. */
export const identifyRequest = z.object(
  {
    user: z.object(
      {
        ...traits.shape,
        id: userId,
        user_hash: z.string({ error: "must be a string of hex digits" }).max(128).nullish(),
      },
      { error: "is required: an object with the user's id" },
    ),
    proof: z
      .string({ error: "must be a string: the signed JWT" })
      .max(LIMITS.proof, `must be at most ${LIMITS.proof} characters`)
      .nullish(),
  },
  { error: "must be a JSON object: { user, proof }" },
);

export type Traits = z.output<typeof traits>;
export type IdentifyRequest = z.output<typeof identifyRequest>;

/** A body can be wrong in thousands of places: at most 20 are listed. */
const MOST_ERRORS = 20;

/** What zod found, as the fields that a developer would write. Neither path nor message repeats a value. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues
    .slice(0, MOST_ERRORS)
    .map(({ path, message }) => ({ field: path.join(".") || "body", detail: message }));
}

export type * from "./answers.ts";
export { isNobody, LIMITS, PROOF_AUDIENCE } from "./user-rules.ts";

import { z } from "zod";
import type { FieldError } from "./problems.ts";

/**
 * The wire between the page and the exchange. The widget imports the types alone, so no schema reaches a
 * browser; the server parses with the schemas, so the two cannot drift apart.
 */

/** Upper bounds: characters (UTF-16 code units), but for `fields`, a count. */
export const LIMITS = {
  id: 255,
  name: 255,
  email: 320,
  plan: 255,
  fieldName: 64,
  fieldValue: 1000,
  fields: 50,
  proof: 16_384,
} as const;

/** `aud` of the proofs that a site's backend signs. */
export const PROOF_AUDIENCE = "vambe-identity";

const required = "is required: the user's id, as a string or a number";

/**
 * What programs write where they know no user: an empty variable as text, a template that was not filled in, the nil UUID.
 * Taken for an id, it would be one contact that strangers share.
 */
const NOBODY =
  /^(0|-0|undefined|null|nil|none|nan|false|infinity|<nil>|\(null\)|invalid date|\{\}|\[\]|\[object [^\]]*\]|0{8}(-0{4}){3}-0{12}|\{\{.*\}\}|[$#]\{.*\}|<%.*%>)$/i;

/** Whether an id stands for nobody, whatever has made it. */
export const isNobody = (id: unknown): boolean =>
  id === undefined ||
  id === null ||
  id === "" ||
  id === false ||
  (Array.isArray(id) && id.length === 0) ||
  ((typeof id === "string" || typeof id === "number") && NOBODY.test(String(id).trim()));

/**
 * The user's id. It names a person, so nothing about it is repaired: an id that would have to be changed is
 * refused. A number stands for its decimal digits, and only where JSON carries it without loss.
 */
export const userId = z
  .union([z.string(), z.number()], { error: required })
  .refine((id) => typeof id === "string" || !Number.isInteger(id) || Number.isSafeInteger(id), {
    error: "is a number too large to be exact: pass it as a string",
    abort: true,
  })
  .transform(String)
  .pipe(
    z
      .string()
      .min(1, { error: required, abort: true })
      .max(LIMITS.id, `must be at most ${LIMITS.id} characters`)
      .refine((id) => id.trim() === id, "must not begin or end with white space")
      .refine((id) => !isNobody(id), {
        error:
          "stands for nobody (0, undefined, null, NaN, [object Object] …): identify only when somebody is signed in, with the id of that user",
        abort: true,
      })
      .refine((id) => id.isWellFormed() && !/\p{Cc}/u.test(id), "must not contain control characters"),
  );

/** Free text as a person typed it: control characters become spaces, the ends are trimmed. */
const text = (max: number) =>
  z
    .string({ error: "must be a string" })
    .max(max, `must be at most ${max} characters`)
    .transform((value) =>
      value
        .toWellFormed()
        .replace(/\p{Cc}/gu, " ")
        .trim(),
    );

const fieldValue = z.union(
  [text(LIMITS.fieldValue), z.number().transform(String), z.boolean().transform(String)],
  {
    error: `must be a string of at most ${LIMITS.fieldValue} characters, a number, a boolean or a date`,
  },
);

const fields = z
  .record(
    z.string().max(LIMITS.fieldName, `must have a name of at most ${LIMITS.fieldName} characters`),
    fieldValue.nullable(),
    { error: "must be an object of custom fields, name → value" },
  )
  .refine((all) => Object.keys(all).length <= LIMITS.fields, `must hold at most ${LIMITS.fields} fields`);

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

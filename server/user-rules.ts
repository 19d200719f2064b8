/**
 * The rules that hold for a user on both sides, in `sign` as in the exchange. Nothing here needs a library: a site's backend
 * may run where each of them counts.
 */

/** Upper bounds: characters (UTF-16 code units), but for `fields`, a count. */
export const LIMITS = {
  id: 255,
  name: 255,
  email: 320,
  plan: 255,
  phone: 64,
  /** Each of the company's id, name and plan. */
  company: 255,
  fieldName: 64,
  fieldValue: 1000,
  fields: 50,
  proof: 16_384,
} as const;

/** `aud` of the proofs that a site's backend signs. */
export const PROOF_AUDIENCE = "vambe-identity";

/** What is wrong with a value, in the words that both sides have for it. None holds the value. */
export const MISTAKES = {
  noId: "is required: the user's id, as a string or a number",
  inexact: "is a number too large to be exact: pass it as a string",
  spaceAtEnds: "must not begin or end with white space",
  nobody:
    "stands for nobody (0, undefined, null, NaN, [object Object] …): identify only when somebody is signed in, with the id of that user",
  controls: "must not contain control characters",
  notText: "must be a string",
  tooLong: (most: number) => `must be at most ${most} characters`,
  fieldValue: `must be a string of at most ${LIMITS.fieldValue} characters, a number, a boolean or a date`,
  fieldName: `must have a name of at most ${LIMITS.fieldName} characters`,
  notCompany: "must be an object: { id, name, plan }",
  notTextOrNumber: "must be a string or a number",
  notFields: "must be an object of custom fields, name → value",
  tooManyFields: `must hold at most ${LIMITS.fields} fields`,
};

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

/** Whether an id can be kept and sent as it stands. */
export const isPlainText = (id: string): boolean => id.isWellFormed() && !/\p{Cc}/u.test(id);

/** Free text as a person typed it: control characters become spaces, the ends are trimmed. */
export const tidied = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\p{Cc}/gu, " ")
    .trim();

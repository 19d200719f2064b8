import { type FieldError, Problem } from "../../server/problems.ts";

/** A blank before a full stop, or two in a row: something was to stand there. */
const HAS_A_HOLE = / [.,:;]|\s\s|``|""/;

/** Whoever is refused has to find out why. @throws where the refusal, or one of its errors, says nothing or half of it */
export function checkItSaysWhy({
  detail,
  errors = [],
}: {
  detail: string;
  errors?: readonly FieldError[];
}): void {
  // What a page calls its fields may look like anything.
  const named = errors.reduce((text, { field }) => (field ? text.replaceAll(field, "x") : text), detail);
  const sentences = [named, ...errors.map((error) => error.detail)];
  const isNameless = errors.some(({ field }) => !field);
  if (detail.length < 20 || isNameless || sentences.some((text) => !text || HAS_A_HOLE.test(text)))
    throw new Error(`a refusal that does not say what is wrong: ${JSON.stringify({ detail, errors })}`);
}

/** What kind of refusal an error is. @throws the error, where it is none, and where it does not say why */
export function refusalIn(error: unknown): string {
  if (!(error instanceof Problem)) throw error;
  checkItSaysWhy({ detail: error.message, errors: error.errors });
  return error.slug;
}

/** "accepted", or what kind of refusal it is. */
export const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "accepted", refusalIn);

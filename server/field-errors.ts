import type { z } from "zod";
import type { FieldError } from "./problems.ts";

/** At the most so many are listed: a body can be wrong in thousands of places. */
const MOST = 20;

/** What zod found, as the fields that a developer would write. Neither path nor message repeats a value. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues
    .slice(0, MOST)
    .map(({ path, message }) => ({ field: path.join(".") || "body", detail: message }));
}

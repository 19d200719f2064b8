import type { RawAnswer } from "../../support/raw-request.ts";

/** Which problem an answer is. What is no problem of the exchange's shows itself. */
export function slugIn({ status, headers, text }: RawAnswer): string {
  if (!headers["content-type"]?.startsWith("application/problem+json"))
    return `no problem: ${status} ${text}`;
  return String(JSON.parse(text).type).replace(/^.*\/problems\//, "");
}

import type { z } from "zod";
import { Refusal } from "./refusal.ts";

/**
 * The body as the schema has it.
 * @throws Refusal that names each mistake, as Nest's validation does
 */
export function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal(400, parsed.error.issues.map(inWords).join("; "));
}

function inWords(issue: { path: PropertyKey[]; message: string }): string {
  return issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message;
}

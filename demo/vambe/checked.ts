import { z } from "zod/mini";
import { Refusal } from "./refusal.ts";

const { localeError } = z.locales.en();

/**
 * The body as the schema has it.
 * @throws Refusal that names each mistake, as Nest's validation does
 */
export function checked<Schema extends z.ZodMiniType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body, { error: localeError });
  if (parsed.success) return parsed.data;
  throw new Refusal(400, parsed.error.issues.map(inWords).join("; "));
}

function inWords(issue: { path: PropertyKey[]; message: string }): string {
  return issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message;
}

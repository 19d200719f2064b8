/** The schema that everything is in, unless `?schema=` names another; all statements are written for this one. */
export const SCHEMA = "vambe_identity";

/** A statement, or what is said of one, for another schema. Names that need no quotes are the only ones that are taken. */
export function forSchema(text: string, schema: string): string {
  if (schema === SCHEMA) return text;
  const known = renamed.get(schema) ?? new Map<string, string>();
  renamed.set(schema, known);
  const before = known.get(text);
  if (before !== undefined) return before;
  const now = text.replaceAll(SCHEMA, schema);
  // There are some dozens of statements, and what is said is said rarely.
  if (known.size < MOST_KEPT) known.set(text, now);
  return now;
}

const MOST_KEPT = 1000;
const renamed = new Map<string, Map<string, string>>();

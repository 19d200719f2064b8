const names = new Map<string, string>();

/**
 * The name by which a session knows the plan of a statement. There are some dozens of statements whose plan is kept, and each
 * is written out in the code: nothing that comes from outside is part of one.
 */
export function planNameOf(statement: string): string {
  const name = names.get(statement) ?? `vambe_identity_${names.size + 1}`;
  names.set(statement, name);
  return name;
}

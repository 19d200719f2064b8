/**
 * Node's SQLite, asked for where a file is to be opened and not by `import`, which would end an app that keeps its
 * data in PostgreSQL on a runtime that has none.
 * @throws where this runtime has none
 */
export function nodeSqlite(): typeof import("node:sqlite") {
  const found: typeof import("node:sqlite") | undefined = process.getBuiltinModule?.("node:sqlite");
  if (found) return found;
  throw new Error(
    "VAMBE_DATABASE_URL needs SQLite (node:sqlite), and this runtime has none: run it on Node.js 22.13 or later, or set VAMBE_DATABASE_URL to a PostgreSQL, postgres://user:password@host/database",
  );
}

import { DatabaseSync } from "node:sqlite";
import type { World } from "./world.ts";

/**
 * The keys are there from the start; how often each secret has verified a proof is counted, and how
 * often each has been refused, whatever comes of it; and a look at `/readyz` writes that it can be written.
 */
const NO_DEEDS = ["identify_count", "schema_needs", "secret", "secret_use", "write_proof"];

/** All that an exchange has done on anybody's word: what it has sent to Vambe, and the rows it has written, by table. */
export function tracesIn({ vambe, database }: World): { upserts: number; rows: Record<string, number> } {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const names = tables.map(({ name }) => String(name)).filter((name) => !NO_DEEDS.includes(name));
    const counts = names.map((name) => {
      const { count } = db.prepare(`SELECT count(*) AS count FROM "${name}"`).get() ?? {};
      return [name, Number(count)] as const;
    });
    return {
      upserts: vambe.standIn.upserts().length,
      rows: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    };
  } finally {
    db.close();
  }
}

/** `tracesIn` where nothing has been done: no table has a row. */
export const NO_TRACES = { upserts: 0, rows: {} };

import type { PostgresDatabase } from "./database.ts";

/** Rows changed by one statement: well within the time that a statement may take. */
export const STEP = 2000;

/** Runs a statement that changes at most `STEP` rows, and meets none twice, until it finds no more. */
export async function inSteps(
  db: PostgresDatabase,
  statement: string,
  values: unknown[] = [],
): Promise<void> {
  for (let changed: number | null = STEP; changed === STEP; )
    changed = (await db.query(statement, values)).rowCount;
}

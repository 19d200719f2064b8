import { type RunningPostgres, startPostgres } from "./postgres.ts";

export interface Statement {
  text: string;
  calls: number;
  /** How often the server has planned it. */
  plans: number;
}

/** A server that counts what it is asked. */
export const startCountingPostgres = (flags: string[] = []): Promise<RunningPostgres> =>
  startPostgres([
    "-c",
    "shared_preload_libraries=pg_stat_statements",
    "-c",
    "pg_stat_statements.track_planning=on",
    ...flags,
  ]);

/** A new database of it, and what is asked there while something goes on. */
export async function newCountedDatabase(postgres: RunningPostgres) {
  const url = await postgres.newDatabase();
  await postgres.run(url, "CREATE EXTENSION pg_stat_statements");
  return {
    url,
    statementsOf: async (work: () => Promise<unknown>): Promise<Statement[]> => {
      await postgres.run(url, "SELECT pg_stat_statements_reset()");
      await work();
      const rows = await postgres.run(
        url,
        `SELECT query, calls::int, plans::int FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
         WHERE datname = current_database() AND query !~ 'pg_stat_statements'`,
      );
      return rows.map(({ query, calls, plans }) => ({
        text: String(query),
        calls: Number(calls),
        plans: Number(plans),
      }));
    },
  };
}

export const callsOf = (statements: readonly Statement[], which: RegExp): number =>
  statements.reduce((sum, { text, calls }) => (which.test(text) ? sum + calls : sum), 0);

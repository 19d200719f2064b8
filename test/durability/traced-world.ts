import { readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { DURABLE, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startWorld } from "../support/world.ts";
import { earlyAnswers } from "./early-answers.ts";
import { processesOf, traced, tracedFromStart } from "./strace.ts";

export type Database = "SQLite" | "PostgreSQL";

export interface Durability {
  answers: number;
  /** Those that left before the flush that holds their row had returned. */
  early: number;
}

/** On purpose, to see that it is noticed. */
const UNFLUSHED_SQLITE = `data:text/javascript,${encodeURIComponent(`
  import { DatabaseSync } from "node:sqlite";
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) { exec.call(this, sql.replace(/synchronous = FULL/, "synchronous = OFF")); };`)}`;

const AT_ONCE = 20;
const ROUNDS = 5;

/**
 * New users come in groups to an exchange whose system calls are written down, and so are those of its PostgreSQL.
 * @param isSpoiled leaves the flush out
 */
export async function traceIdentifies(database: Database, isSpoiled: boolean): Promise<Durability> {
  const folder = temporaryFolder();
  try {
    return database === "SQLite"
      ? await onSqlite(folder.file("exchange.trace"), isSpoiled)
      : await onPostgres(folder.file("exchange.trace"), folder.file("postgres.trace"), isSpoiled);
  } finally {
    folder.remove();
  }
}

async function onSqlite(trace: string, isSpoiled: boolean): Promise<Durability> {
  const ids = await identifyUnder(trace, isSpoiled ? { NODE_OPTIONS: `--import ${UNFLUSHED_SQLITE}` } : {});
  return { answers: ids.length, early: earlyAnswers([trace], ids).length };
}

async function onPostgres(trace: string, ofServer: string, isSpoiled: boolean): Promise<Durability> {
  await using postgres = await startPostgres(isSpoiled ? [] : DURABLE);
  const VAMBE_DATABASE_URL = await postgres.newDatabase();
  let ids: string[];
  {
    await using _ = await traced(processesOf(postgres), ofServer);
    ids = await identifyUnder(trace, { VAMBE_DATABASE_URL });
  }
  return { answers: ids.length, early: earlyAnswers([trace, ofServer], ids).length };
}

/** @returns who was answered, once all of the trace is there */
async function identifyUnder(trace: string, environment: Record<string, string>): Promise<string[]> {
  await using world = await startWorld({ environment, surroundings: { shell: tracedFromStart(trace) } });
  const ids: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Half of them are delivered, and half are queued.
    world.vambe.standIn.setFault(round % 2 === 0 ? "normal" : "down");
    const some = Array.from({ length: AT_ONCE }, (_, number) => `traced-${round}-${number}-user`);
    const answers = await Promise.all(some.map((id) => world.signIn(id, { name: "Jane" })));
    for (const answer of answers)
      if (answer.identity().status === "unchanged") throw new Error("they are new");
    ids.push(...some);
  }
  await world.exchange.stop();
  await eventually("the trace has ended", () =>
    /\+\+\+ (exited|killed)/.test(readFileSync(trace, "latin1").slice(-200)),
  );
  return ids;
}

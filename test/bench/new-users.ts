import { DURABLE, startPostgres } from "../support/postgres.ts";
import { loadAll, type Measured, memoryOf } from "./load.ts";
import { SECRET, startMeasured, startServer } from "./processes.ts";
import { identifyBytes } from "./requests.ts";
import { figure, head, row } from "./table.ts";

const WARM_UP_USERS = 500;
const ALONE = 300;
const USERS = 5000;
/** Nobody is there, and the page is told `queued` at once. */
const NOBODY = 9;

/** Each of them somebody else, from a number on. */
export function* newUsers(from: number, count: number): Generator<Buffer, undefined> {
  for (let number = from; number < from + count; number++) yield identifyBytes(SECRET, number);
}

interface Results {
  /** One at a time. */
  alone: Measured;
  all: Measured;
  memory: number;
}

/**
 * New users, each with what is stored before the answer.
 * @param beside a built checkout of another version, which is measured in turns with this one
 */
export async function measureNewUsers(beside: string | undefined): Promise<void> {
  await using vambe = await startServer("upstream");
  await using postgres = await startPostgres(DURABLE);
  head(5, "new users", "identifies/s", "ratio", "one at a time: median, ms", "µs of processor", "memory, MB");
  for (const database of ["SQLite", "PostgreSQL"]) {
    for (const what of ["queued, Vambe down", "delivered"]) {
      const results = async (program?: string) => {
        const environment: Record<string, string> =
          database === "SQLite" ? {} : { VAMBE_DATABASE_URL: await postgres.newDatabase() };
        return newUsersOf(what === "delivered" ? vambe.port : NOBODY, environment, program);
      };
      const before = beside && (await results(`${beside}/server/cli/main.ts`));
      const now = await results();
      if (before) report(`${database}, ${what}, the other version`, before, before);
      report(`${database}, ${what}`, now, before || now);
    }
  }
}

async function newUsersOf(
  vambePort: number,
  environment: Record<string, string>,
  program?: string,
): Promise<Results> {
  // Quicker than a database can be, or what the version of before allows.
  const VAMBE_MAX_RATE = program ? "1000" : "10000";
  await using exchange = await startMeasured(vambePort, { ...environment, VAMBE_MAX_RATE }, program);
  await loadAll(exchange, newUsers(0, WARM_UP_USERS));
  const alone = await loadAll(exchange, newUsers(WARM_UP_USERS, ALONE), 1);
  const all = await loadAll(exchange, newUsers(WARM_UP_USERS + ALONE, USERS));
  return { alone, all, memory: memoryOf(exchange.pid) };
}

function report(name: string, { alone, all, memory }: Results, before: Results): void {
  row(
    name,
    figure(all.perSecond),
    figure(all.perSecond / before.all.perSecond, 1),
    figure(alone.medianMs, 2),
    figure(all.cpuMicros),
    figure(memory),
  );
}

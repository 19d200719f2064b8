import { loadAll, memoryOf } from "./load.ts";
import { newUsers } from "./new-users.ts";
import { PUBLISHED, startMeasured } from "./processes.ts";
import { figure, head, row } from "./table.ts";

/** As docs/deploy/ starts it. */
const LESS = "--max-semi-space-size=8";
const KNOWN_USERS = 1000;
const UNCHANGED = [100_000, 250_000, 500_000, 750_000, 1_000_000];
const DISTINCT = [10_000, 50_000, 100_000, 150_000, 200_000];
/** Nobody is there, and the page is told `queued` at once. */
const NOBODY = 9;

/** What an exchange has in memory, with SQLite: of very many page loads of users whom it knows, and of very many users. */
export async function measureMemory(): Promise<void> {
  const asNodeHasIt = await memoryWith({});
  const withLess = await memoryWith({ NODE_OPTIONS: LESS });
  head(2, "memory of an exchange, MB", "`node`", `\`node ${LESS}\``);
  for (const [at, [name, mb]] of asNodeHasIt.entries())
    row(name, figure(mb), figure(withLess[at]?.[1] ?? Number.NaN));
}

async function memoryWith(environment: Record<string, string>): Promise<[string, number][]> {
  await using exchange = await startMeasured(NOBODY, environment, PUBLISHED);
  const reports: [string, number][] = [];
  const report = (name: string) => reports.push([name, memoryOf(exchange.pid)]);
  report("before anybody has come");
  await loadAll(exchange, newUsers(0, KNOWN_USERS));
  let done = 0;
  for (const count of UNCHANGED) {
    await loadAll(exchange, pageLoads(done, count));
    done = count;
    report(`after ${figure(count)} page loads of ${figure(KNOWN_USERS)} users`);
  }
  let users = KNOWN_USERS;
  for (const count of DISTINCT) {
    await loadAll(exchange, newUsers(users, count - users));
    users = count;
    report(`after ${figure(count)} users`);
  }
  return reports;
}

function* pageLoads(from: number, to: number): Generator<Buffer, undefined> {
  const known = [...newUsers(0, KNOWN_USERS)];
  for (let load = from; load < to; load++) yield known[load % KNOWN_USERS] ?? Buffer.alloc(0);
}

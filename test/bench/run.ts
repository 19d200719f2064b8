/**
 * `npm run bench`: what the exchange costs beside what one would write instead. All on this machine, by loopback,
 * in turns, so that what else the machine does falls on all alike. Read the ratios: the figures are this machine's.
 * `npm run bench -- requests` (or `users`, `rows`, `starts`) runs a part, and `-- import 1000000` the import of so many rows, which
 * is no part of the whole. PostgreSQL is a server of its own, on the same disk,
 * that waits for the disk as it does out of the box.
 */
import { startPostgres } from "../support/postgres.ts";
import { type ImportedFile, importFile } from "./import-file.ts";
import { timeLedger } from "./ledger-rows.ts";
import { load, loadAll, type Measured, median, memoryOf } from "./load.ts";
import { type Running, SECRET, startMeasured, startServer } from "./processes.ts";
import { identifyBytes } from "./requests.ts";
import { timeStarts } from "./starts.ts";

const ROUNDS = 7;
const ROUND_MS = 1500;
const WARM_UP_MS = 12_000;
const KNOWN_USERS = 1000;
const NEW_USERS = 5000;
const MANY_USERS = 100_000;

/** The tests let it forget that it has a disk. */
const DURABLE = ["-c", "fsync=on"];

const cycle = (requests: readonly Buffer[]) => {
  let at = 0;
  return () => requests[at++ % requests.length] ?? Buffer.alloc(0);
};
const figure = (value: number, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const row = (...cells: string[]) => console.log(`| ${cells.join(" | ")} |`);

/** Unchanged users, and what one would have without the exchange. */
async function measureRequests(): Promise<void> {
  await using vambe = await startServer("upstream");
  await using bare = await startServer("bare", SECRET);
  await using sample = await startServer("sample", SECRET, `http://127.0.0.1:${vambe.port}`);
  await using exchange = await startMeasured(vambe.port);
  await using withWebchat = await startMeasured(vambe.port, { VAMBE_WEBCHAT_SECRET: "webchat-".repeat(8) });
  // One of its own, or it would push the proofs that the other is to have seen before out of its memory.
  await using withNewProofs = await startMeasured(vambe.port);
  await using postgres = await startPostgres(DURABLE);
  const VAMBE_DATABASE_URL = await postgres.newDatabase();
  await using withPostgres = await startMeasured(vambe.port, { VAMBE_DATABASE_URL });
  const requests = Array.from({ length: KNOWN_USERS }, (_, number) => identifyBytes(SECRET, number));
  for (const each of [exchange, withWebchat, withNewProofs, withPostgres])
    await loadAll(each, requests.values());
  // A proof of its own for each page load, as a backend signs them that keeps none.
  const fresh = Array.from({ length: 60_000 }, (_, load) =>
    identifyBytes(SECRET, load % KNOWN_USERS, { jti: `${load}` }),
  );
  const freshOnes = cycle(fresh);

  const servers: [string, Running, () => Buffer][] = [
    ["bare `node:http`: JSON and one HMAC", bare, cycle(requests)],
    ["exchange, unchanged user, proof seen before", exchange, cycle(requests)],
    ["the same with the webchat's token", withWebchat, cycle(requests)],
    ["exchange, unchanged user, new proof each time", withNewProofs, freshOnes],
    ["the same with PostgreSQL, proof seen before", withPostgres, cycle(requests)],
    ["the API page's sample: one call to Vambe each time", sample, cycle(requests)],
  ];
  const rounds: Measured[][] = servers.map(() => []);
  // Long enough for the compiler to have seen it all.
  for (const [, server, next] of servers) await load({ ...server, next }, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, [, server, next]] of servers.entries())
      rounds[index]?.push(await load({ ...server, next }, ROUND_MS));

  const ratio = (index: number) =>
    median((rounds[index] ?? []).map(({ perSecond }, at) => perSecond / (rounds[0]?.[at]?.perSecond ?? 1)));
  row("request", "requests/s", "ratio", "µs of processor");
  row("---", "---:", "---:", "---:");
  for (const [index, [name]] of servers.entries()) {
    const all = rounds[index] ?? [];
    const perSecond = median(all.map((one) => one.perSecond));
    row(name, figure(perSecond), figure(ratio(index), 2), figure(median(all.map((one) => one.cpuMicros))));
  }
}

/** New users, each with what is stored before the answer, and the memory that very many leave behind. */
async function measureUsers(): Promise<void> {
  await using vambe = await startServer("upstream");
  const newUsers = function* (from: number, count: number) {
    for (let number = from; number < from + count; number++) yield identifyBytes(SECRET, number);
  };
  row("new users", "identifies/s", "µs of processor", "memory, MB");
  row("---", "---:", "---:", "---:");
  const report = (name: string, measured: Measured, pid: number) =>
    row(name, figure(measured.perSecond), figure(measured.cpuMicros), figure(memoryOf(pid)));

  await using postgres = await startPostgres(DURABLE);
  const databases: [string, Record<string, string>][] = [
    ["SQLite", {}],
    ["PostgreSQL", { VAMBE_DATABASE_URL: await postgres.newDatabase() }],
  ];
  for (const [name, environment] of databases) {
    await using exchange = await startMeasured(vambe.port, environment);
    await loadAll(exchange, newUsers(0, 500));
    report(
      `${name}, ${figure(NEW_USERS)} delivered`,
      await loadAll(exchange, newUsers(500, NEW_USERS)),
      exchange.pid,
    );
  }
  // Port 9 of the loopback: nobody is there, and the page is told `queued` at once.
  await using exchange = await startMeasured(9);
  row("SQLite, before anybody has come", "", "", figure(memoryOf(exchange.pid)));
  await loadAll(exchange, newUsers(0, 500));
  const queued = await loadAll(exchange, newUsers(500, NEW_USERS));
  report(`SQLite, Vambe down, ${figure(NEW_USERS)} queued`, queued, exchange.pid);
  const all = await loadAll(exchange, newUsers(500 + NEW_USERS, MANY_USERS - NEW_USERS - 500));
  report(`the same, up to ${figure(MANY_USERS)} users`, all, exchange.pid);
}

/** What each step of the ledger takes as it grows. */
async function measureRows(): Promise<void> {
  row("ledger rows", "of them waiting", "unchanged", "record", "take next", "settle", "oldest");
  row("---:", "---:", "---:", "---:", "---:", "---:", "---:");
  for (const [rows, waiting] of [
    [1, 0],
    [1000, 0],
    [100_000, 0],
    [1_000_000, 0],
    [1_000_000, 10_000],
    [1_000_000, 100_000],
  ] as const) {
    const { unchanged, record, takeNext, settle, oldest } = await timeLedger(rows, waiting);
    const micros = [unchanged, record, takeNext, settle, oldest].map((value) => `${figure(value)} µs`);
    row(figure(rows), figure(waiting), ...micros);
  }
}

/** From nothing to taking requests. */
async function measureStarts(): Promise<void> {
  row("start", "ms", "ratio");
  row("---", "---:", "---:");
  for (const { name, ms, ratio } of await timeStarts()) row(name, figure(ms), figure(ratio, 1));
}

/** An import, killed and resumed ten times: of all rows alone, and of some beside an exchange that pages come to. */
async function measureImport(): Promise<void> {
  const rows = Number(process.argv[3] ?? 100_000);
  row(
    "import",
    "rows",
    "kills",
    "rows/s",
    "calls",
    "wrong or missing",
    "memory after a tenth, MB",
    "at most after that",
  );
  row("---", "---:", "---:", "---:", "---:", "---:", "---:", "---:");
  const report = (name: string, { rows, kills, seconds, calls, wrong, memory }: ImportedFile) =>
    row(
      name,
      figure(rows),
      figure(kills),
      figure(rows / seconds),
      figure(calls),
      figure(wrong),
      figure(memory.early),
      figure(memory.most),
    );
  const beside = await importFile(Math.min(rows, 50_000), 10, { isBeside: true });
  report("beside an exchange", beside);
  report("alone", await importFile(rows, 10, { isBeside: false }));
  console.log();
  row("a page with news", "median, ms", "95th of 100, ms");
  row("---", "---:", "---:");
  for (const [name, [middle, late]] of Object.entries(beside.pages ?? {}))
    row(name === "before" ? "before the import" : "while it runs", figure(middle), figure(late));
}

const PARTS: Record<string, () => Promise<void>> = {
  requests: measureRequests,
  users: measureUsers,
  rows: measureRows,
  starts: measureStarts,
};
/** Only where they are asked for. */
const LONG: typeof PARTS = { import: measureImport };
const asked = process.argv.slice(2);
for (const [name, measure] of Object.entries({ ...PARTS, ...LONG })) {
  if (asked.length > 0 ? !asked.includes(name) : name in LONG) continue;
  await measure();
  console.log();
}

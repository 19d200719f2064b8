import { DURABLE, startPostgres } from "../support/postgres.ts";
import { load, loadAll, loadAt, type Measured, median } from "./load.ts";
import { type Running, SECRET, startMeasured, startServer } from "./processes.ts";
import { identifyBytes } from "./requests.ts";
import { figure, head, row } from "./table.ts";

const ROUNDS = 7;
const ROUND_MS = 1500;
const HALF_LOAD_MS = 4000;
const WARM_UP_MS = 12_000;
const KNOWN_USERS = 1000;

/** What is measured, in turns. */
export interface Contestant {
  name: string;
  server: Running;
  next: () => Buffer;
}

export const cycle = (requests: readonly Buffer[]) => {
  let at = 0;
  return () => requests[at++ % requests.length] ?? Buffer.alloc(0);
};

/** Unchanged users, and what one would have without the exchange. */
export async function measureUnchanged(): Promise<void> {
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
  await compare([
    { name: "bare `node:http`: JSON and one HMAC", server: bare, next: cycle(requests) },
    { name: "exchange, unchanged user, proof seen before", server: exchange, next: cycle(requests) },
    { name: "the same with the webchat's token", server: withWebchat, next: cycle(requests) },
    { name: "exchange, unchanged user, new proof each time", server: withNewProofs, next: cycle(fresh) },
    { name: "the same with PostgreSQL, proof seen before", server: withPostgres, next: cycle(requests) },
    { name: "the API page's sample: one call to Vambe each time", server: sample, next: cycle(requests) },
  ]);
}

/** Prints how each of them does beside the first, and how long an answer takes at half of what each can do. */
export async function compare(contestants: readonly Contestant[]): Promise<void> {
  const rounds: Measured[][] = contestants.map(() => []);
  // Long enough for the compiler to have seen it all.
  for (const { server, next } of contestants) await load({ ...server, next }, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, { server, next }] of contestants.entries())
      rounds[index]?.push(await load({ ...server, next }, ROUND_MS));

  head(
    6,
    "request",
    "requests/s",
    "ratio",
    "µs of processor",
    "at half load: median, ms",
    "p99, ms",
    "p99 / median",
  );
  for (const [index, { name, server, next }] of contestants.entries()) {
    const all = rounds[index] ?? [];
    const perSecond = median(all.map((one) => one.perSecond));
    const ratio = median(all.map((one, at) => one.perSecond / (rounds[0]?.[at]?.perSecond ?? Number.NaN)));
    const half = await loadAt({ ...server, next }, perSecond / 2, HALF_LOAD_MS);
    row(
      name,
      figure(perSecond),
      figure(ratio, 2),
      figure(median(all.map((one) => one.cpuMicros))),
      figure(half.medianMs, 2),
      figure(half.p99Ms, 2),
      figure(half.p99Ms / half.medianMs, 1),
    );
  }
}

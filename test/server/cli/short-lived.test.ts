import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadAll } from "../../bench/load.ts";
import { identifyBytes } from "../../bench/requests.ts";
import { startExchange } from "../../support/exchange-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
import { freshSettings } from "../../support/world.ts";

const USERS = 1000;
const PAGE_LOADS = 8000;
const TRACE_GC = fileURLToPath(new URL("../../support/trace-gc.mjs", import.meta.url));
const CONTACT = '{"id":"11111111-2222-4333-8444-555555555555"}';

/** Bytes that were made since the collection before, and those of them that were put among what lasts. */
const scavengesIn = (output: string) =>
  [...output.matchAll(/ gc=s .* allocated=(\d+) promoted=(\d+)/g)].map(([, made, kept]) => ({
    made: Number(made),
    kept: Number(kept),
  }));
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

test("what a request is made of goes with it, also once many have waited for Vambe", async () => {
  await using vambe = await startUpstream(async (socket, seen) => {
    await sleep(30);
    await reply(201, CONTACT, { "content-type": "application/json" })(socket, seen);
  });
  const folder = temporaryFolder();
  const { secret, environment } = freshSettings();
  await using exchange = await startExchange({
    ...environment,
    VAMBE_API_URL: vambe.url,
    VAMBE_DATABASE_URL: `file:${folder.file("exchange.db")}`,
    VAMBE_MAX_RATE: "10000",
    NODE_OPTIONS: `--import ${TRACE_GC}`,
  });
  const server = { port: exchange.port, pid: exchange.pid() ?? 0 };
  const pages = Array.from({ length: USERS }, (_, user) => identifyBytes(secret, user));
  const loads = (count: number) =>
    Array.from({ length: count }, (_, at) => pages[at % USERS] ?? Buffer.alloc(0));
  await loadAll(server, pages.values());
  await loadAll(server, loads(PAGE_LOADS).values());
  const before = exchange.output().length;
  await loadAll(server, loads(PAGE_LOADS).values());
  const scavenges = scavengesIn(exchange.output().slice(before));
  expect(scavenges.length).toBeGreaterThan(3);
  const kept = sum(scavenges.map((one) => one.kept)) / sum(scavenges.map((one) => one.made));
  expect(kept).toBeLessThan(0.03);
  folder.remove();
});

import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { readyz } from "../../../server/http/endpoint/health.ts";
import type { Health } from "../../../server/http/served.ts";
import { NotWritable } from "../../../server/ledger/contract/write-proof.ts";
import { ProvenWrites } from "../../../server/ledger/proven-writes.ts";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { createLog } from "../../../server/log.ts";
import { fillBacklog } from "../../support/backlog.ts";
import { dataKeyOf } from "../../support/data-key.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { startWorld } from "../../support/world.ts";

const call = { id: "1", headers: new Headers(), method: "GET", path: "/readyz" };

afterEach(() => {
  vi.useRealTimers();
});

test("a flood of /readyz is one look into the ledger a second", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const ledger = new SqliteLedger(":memory:", dataKeyOf("key"), "c");
  const looks = vi.spyOn(ledger, "outbox");
  const health: Health = { ledger, writes: new ProvenWrites(ledger), deliveries: { pause: undefined } };
  const endpoint = readyz(
    health,
    createLog(() => {}),
  );
  const ask = () => endpoint(call as unknown as Parameters<typeof endpoint>[0]);
  const answers = await Promise.all(Array.from({ length: 200 }, ask));
  for (let number = 0; number < 200; number++) answers.push(await ask());
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(looks).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  await Promise.all([ask(), ask()]);
  expect(looks).toHaveBeenCalledTimes(2);
  await ledger.close();
});

test("a ledger that fails is looked at once a second too, and complained about as often", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const ledger = new SqliteLedger(":memory:", dataKeyOf("key"), "c");
  await ledger.close();
  const lines: string[] = [];
  const endpoint = readyz(
    { ledger, writes: new ProvenWrites(ledger), deliveries: { pause: undefined } },
    createLog((line) => lines.push(line)),
  );
  const ask = () => endpoint(call as unknown as Parameters<typeof endpoint>[0]);
  const answers = await Promise.all(Array.from({ length: 50 }, ask));
  expect(answers.every(({ status }) => status === 503)).toBe(true);
  expect(lines.length).toBe(1);
});

const readiness = (ledger: SqliteLedger) => {
  const endpoint = readyz(
    { ledger, writes: new ProvenWrites(ledger), deliveries: { pause: undefined } },
    createLog(() => {}),
  );
  return async () => {
    const { status, body } = await endpoint(call as unknown as Parameters<typeof endpoint>[0]);
    return { status, reason: JSON.parse(String(body)).reason };
  };
};

test("a database file that somebody has deleted makes it not ready, in words that name no path", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  using folder = temporaryFolder();
  const ledger = new SqliteLedger(folder.file("x.db"), dataKeyOf("key"), "c");
  const ask = readiness(ledger);
  expect((await ask()).status).toBe(200);
  rmSync(folder.file("x.db"));
  vi.advanceTimersByTime(15_000);
  expect(await ask()).toEqual({
    status: 503,
    reason: "the database file is gone, or another one is in its place",
  });
  await ledger.close();
});

test("a lock that another process holds makes nothing unready, and is not waited for", async () => {
  using folder = temporaryFolder();
  const ledger = new SqliteLedger(folder.file("x.db"), dataKeyOf("key"), "c");
  const other = new DatabaseSync(folder.file("x.db"));
  other.exec("BEGIN IMMEDIATE");
  const asked = performance.now();
  expect((await readiness(ledger)()).status).toBe(200);
  // Who waits for the lock waits for five seconds.
  expect(performance.now() - asked).toBeLessThan(4000);
  other.exec("ROLLBACK");
  other.close();
  await ledger.close();
});

test("a write is proven once in fifteen seconds, and after a failure at each look", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const ledger = new SqliteLedger(":memory:", dataKeyOf("key"), "c");
  const proofs = vi.spyOn(ledger, "proveWrite");
  const ask = readiness(ledger);
  for (let second = 0; second < 14; second++) {
    expect((await ask()).status).toBe(200);
    vi.advanceTimersByTime(1000);
  }
  expect(proofs).toHaveBeenCalledTimes(1);
  proofs.mockRejectedValue(new NotWritable("the disk is full"));
  vi.advanceTimersByTime(2000);
  for (let second = 0; second < 3; second++) {
    expect(await ask()).toEqual({ status: 503, reason: "the disk is full" });
    vi.advanceTimersByTime(1000);
  }
  expect(proofs).toHaveBeenCalledTimes(4);
  proofs.mockRestore();
  expect((await ask()).status).toBe(200);
  await ledger.close();
});

test("with 50,000 rows that wait, /readyz counts up to 10,000, and identifies are answered meanwhile", async () => {
  using folder = temporaryFolder();
  await using world = await startWorld({
    environment: { VAMBE_DATABASE_URL: `file:${folder.file("x.db")}` },
  });
  world.vambe.standIn.setFault("down");
  fillBacklog(folder.file("x.db"), world.channelId, 50_000);
  const probes = Array.from({ length: 100 }, () => world.page.send("/readyz", {}));
  const identified = await Promise.all(["a", "b", "c"].map((id) => world.signIn(id, { name: "Jane" })));
  expect(identified.map((answer) => answer.identity().status)).toEqual(["queued", "queued", "queued"]);
  expect((await Promise.all(probes)).every(({ status }) => status === 200)).toBe(true);
  await expect
    .poll(async () => JSON.parse((await world.page.send("/readyz", {})).text).outbox)
    .toMatchObject({ pending: 10_000, withheld: 0, rejected: 0, counted_up_to: 10_000 });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Counts } from "../../../../server/http/admission/counts.ts";
import { RateLimit } from "../../../../server/http/admission/rate-limit.ts";
import type { Shared } from "../../../../server/ledger/contract/shared.ts";
import { Problem } from "../../../../server/problems.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { startTcpProxy } from "../../../support/tcp-proxy.ts";
import { openInstances, pair } from "./instances.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const instances = async (count: number, url?: string) =>
  openInstances(count, url ?? (await postgres.newDatabase()));

describe("the pace of all", () => {
  test("gives every turn once, evenly", async () => {
    await using all = await instances(3);
    const started = performance.now();
    const turns = await Promise.all(
      Array.from({ length: 30 }, async (_, number) => {
        const turn = await (all[number % 3] ?? pair(all)[0]).shared.takeTurns(10, true, 1);
        return { ...turn, at: performance.now() - started + turn.inMs };
      }),
    );
    expect(turns.every(({ taken }) => taken === 1)).toBe(true);
    // From the first to the last are 29 intervals of 100 ms; what a call itself took blurs that.
    const at = turns.map((turn) => turn.at).sort((a, b) => a - b);
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(2900 - 300);
  });

  test("leaves the queue to those who may reach ahead", async () => {
    await using all = await instances(2);
    const [one, two] = pair(all);
    expect(await one.shared.takeTurns(0.5, false, 1)).toEqual({ taken: 1, inMs: 0 });
    const page = await one.shared.takeTurns(0.5, true, 1);
    expect(page.taken).toBe(1);
    expect(page.inMs).toBeGreaterThan(500);
    const backlog = await two.shared.takeTurns(0.5, false, 1);
    expect(backlog.taken).toBe(0);
    expect(backlog.inMs).toBeGreaterThan(page.inMs);
  });

  test("does not stand still where the clock was put back", async () => {
    const url = await postgres.newDatabase();
    await using all = await instances(2, url);
    const [one] = pair(all);
    await one.shared.takeTurns(1, true, 1);
    await postgres.run(url, "UPDATE vambe_identity.pace SET next_at = next_at + 3600000");
    expect(await one.shared.takeTurns(1, true, 1)).toEqual({ taken: 1, inMs: 0 });
  });
});

describe("a limit", () => {
  const limitOf = (perMinute: number, shared?: Shared, noteOwn?: (cause: unknown) => void) =>
    new RateLimit({ name: "address", detail: "Too many." }, perMinute, "secret", new Counts(shared, noteOwn));
  const consume = (limit: RateLimit) =>
    limit.count("somebody").then(
      () => "let in",
      (reason) => (reason instanceof Problem ? "refused" : `${reason}`),
    );

  test("counts over all instances", async () => {
    await using all = await instances(2);
    const limiters = all.map(({ shared }) => limitOf(10, shared));
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, number) => consume(limiters[number % 2] ?? limitOf(0))),
    );
    expect(outcomes.filter((outcome) => outcome === "let in").length).toBe(10);
    expect(outcomes.filter((outcome) => outcome === "refused").length).toBe(20);
  });

  test("goes on from where it was when the database is away, and does not begin anew", async () => {
    await using proxy = await startTcpProxy(postgres.port);
    const url = new URL(await postgres.newDatabase());
    url.port = `${proxy.port}`;
    await using all = await instances(1, url.href);
    const causes: unknown[] = [];
    const limiter = limitOf(60, all[0]?.shared, (cause) => causes.push(cause));
    const outcomes = [];
    for (let number = 0; number < 40; number++) outcomes.push(await consume(limiter));
    proxy.cut();
    for (let number = 0; number < 40; number++) outcomes.push(await consume(limiter));
    expect(outcomes.filter((outcome) => outcome === "let in").length).toBe(60);
    expect(causes.length).toBe(1);
  });

  test("is counted by each instance for itself while the database is away, and neither refuses all nor lets all in", async () => {
    await using proxy = await startTcpProxy(postgres.port);
    const url = new URL(await postgres.newDatabase());
    url.port = `${proxy.port}`;
    await using all = await instances(1, url.href);
    const limiter = limitOf(3, all[0]?.shared);
    expect(await consume(limiter)).toBe("let in");
    for (const fail of [proxy.cut, proxy.swallow]) {
      fail();
      const outcomes = [];
      for (let number = 0; number < 5; number++) outcomes.push(await consume(limiter));
      expect(outcomes.every((outcome) => /^(let in|refused)$/.test(outcome))).toBe(true);
      expect(outcomes).toContain("refused");
      proxy.heal();
    }
  });
});

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { signProof } from "../../support/proofs.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A host that mounts the exchange lives on, whatever its database does. */

const get = async (exchange: { fetch(request: Request): Promise<Response> }, path: string) =>
  exchange.fetch(new Request(`https://id.example.com${path}`));

test("a database that cannot be opened is a 503, said once in the log, and one that comes later serves", async () => {
  using folder = temporaryFolder();
  const path = folder.file("not-there-yet/exchange.db");
  await using exchange = await mountExchange({ databaseUrl: `file:${path}` });
  await expect(exchange.ready).rejects.toThrow("not-there-yet");
  const asked = () => ({ user: { id: "jane" }, proof: signProof(exchange.secret, "jane") });

  for (let times = 0; times < 5; times += 1) {
    const refused = await exchange.identify(asked());
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await refused.json()).toMatchObject({
      type: expect.stringMatching(/\/problems\/storage-unavailable$/),
    });
  }
  const unready = await get(exchange, "/readyz");
  expect(unready.status).toBe(503);
  expect(await unready.json()).toMatchObject({ reason: "the database cannot be opened" });
  expect((await get(exchange, "/.well-known/jwks.json")).status).toBe(503);
  // What needs no database is answered.
  for (const there of ["/livez", "/vambe-identity.js", "/problems/storage-unavailable", "/webchat.json"])
    expect([there, (await get(exchange, there)).status]).toEqual([there, 200]);
  expect((await get(exchange, "/nothing")).status).toBe(404);
  expect(exchange.logged("error")).toEqual([
    { event: "the exchange cannot open, and goes on trying", cause: expect.stringContaining(dirname(path)) },
  ]);

  mkdirSync(dirname(path));
  const answered = await eventually("the exchange has opened", async () => {
    const answer = await exchange.identify(asked());
    return answer.status === 200 && answer.json();
  });
  expect(answered).toMatchObject({ user: { id: "jane", verified: true } });
  expect((await get(exchange, "/readyz")).status).toBe(200);
  expect(exchange.logged("info").map(({ event }) => event)).toContain("the exchange has opened");
});

test("what has never opened can be closed, and answers still", async () => {
  const exchange = await mountExchange({ databaseUrl: "file:/nowhere/exchange.db" });
  await exchange.close();
  expect((await exchange.identify({ user: { id: "jane" } })).status).toBe(503);
  await exchange[Symbol.asyncDispose]();
});

test("after a close, what comes is refused and not thrown", async () => {
  const exchange = await mountExchange();
  await exchange.ready;
  await exchange.close();
  const asked = { user: { id: "jane" }, proof: signProof(exchange.secret, "jane") };
  expect((await exchange.identify(asked)).status).toBe(503);
  await exchange[Symbol.asyncDispose]();
});

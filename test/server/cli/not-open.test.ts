import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCommand } from "../../support/command.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { type RunningPostgres, startPostgres } from "../../support/postgres.ts";
import { signProof } from "../../support/proofs.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { freshSettings, ORIGIN, startWorld } from "../../support/world.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

test("an exchange that turns out to be unable to start refuses no page: whoever is in front can ask another", async () => {
  const url = await postgres.newDatabase();
  {
    await using _first = await startWorld({ environment: { VAMBE_DATABASE_URL: url } });
  }
  await postgres.run(url, "INSERT INTO vambe_identity.migration (version, needs) VALUES (1000, 1000)");
  // Whoever looks at it has to wait for as long as the test wants.
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await holder.query("BEGIN; LOCK TABLE vambe_identity.migration IN ACCESS EXCLUSIVE MODE");
  const { environment, secret } = freshSettings();
  const port = await freePort();
  const here = `http://127.0.0.1:${port}`;
  const exchange = startCommand(["serve"], {
    ...environment,
    HOST: "127.0.0.1",
    PORT: `${port}`,
    VAMBE_DATABASE_URL: url,
  });
  await eventually("it is alive", async () => (await rawRequest(`${here}/livez`)).status === 200, {
    withinMs: 60_000,
  });
  // Its connection is there, and waits.
  const page = rawRequest(`${here}/identify`, {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/json" },
    body: JSON.stringify({ user: { id: "jane" }, proof: signProof(secret, "jane") }),
  }).then(
    ({ status, text }) => `${status} ${text}`,
    (error: Error) => error.message,
  );
  await holder.end();
  const { code, output } = await exchange.ended;
  expect(await page).toMatch(/closed without an answer/);
  expect(code).toBe(1);
  expect(output).toMatch(/^vambe-identity cannot start\. .*later version.*update/m);
});

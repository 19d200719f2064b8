import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { rawRequest } from "../support/raw-request.ts";
import { sectionOf } from "./document.ts";
import { NEXT, NEXT_ALONE, PRESENT } from "./package-of.ts";
import { openSite } from "./site.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const PATIENTLY = { withinMs: 120_000, everyMs: 200 };
const VERSIONS = { "0.1.0": PRESENT.version, "0.2.0": NEXT.version };

test("Upgrade, and roll back: one instance", async () => {
  await using site = await openSite();
  await site.offer(PRESENT);
  await site.offer(NEXT);
  await site.visited();
  await site.perform("Upgrade, and roll back", { values: VERSIONS });
  await site.visited();
  await site.nobodyIsLost();
}, 600_000);

test("Upgrade, and roll back: two instances on one PostgreSQL, and no page notices", async () => {
  const url = await postgres.newDatabase();
  await using site = await openSite({ instances: 2, settings: { VAMBE_DATABASE_URL: url } });
  await site.offer(PRESENT);
  await site.offer(NEXT);
  await site.visited();
  await site.perform("Upgrade, and roll back", {
    values: { ...VERSIONS, '"database":"SQLite"': '"database":"PostgreSQL"' },
  });
  expect(await postgres.run(url, "SELECT of_the_next_version FROM vambe_identity.contact LIMIT 1")).toEqual([
    { of_the_next_version: 0 },
  ]);
  await site.visited();
  expect(await site.nobodyIsLost()).toEqual({ unanswered: 0 });
}, 600_000);

test("a version that older ones cannot work with: they say so and step aside, and no page notices", async () => {
  const url = await postgres.newDatabase();
  await using site = await openSite({ instances: 2, settings: { VAMBE_DATABASE_URL: url } });
  const [young, old] = site.hosts;
  if (!young || !old) throw new Error("there are two");
  await site.offer(NEXT_ALONE);
  const readinessOf = async ({ port }: typeof old) =>
    JSON.parse((await rawRequest(`http://127.0.0.1:${port}/readyz`)).text);
  await site.visited();
  await young.type(
    `npm install --offline ./vambe-identity-${NEXT_ALONE.version}.tgz\nsystemctl restart vambe-identity`,
  );
  await eventually(
    "the old one says why it is not ready",
    async () => {
      const { status, reason } = await readinessOf(old);
      return status === "not ready" && /later version.*cannot work with it: update/.test(reason);
    },
    PATIENTLY,
  );
  await eventually(
    "the young one is ready",
    async () => (await readinessOf(young)).status === "ready",
    PATIENTLY,
  );
  await site.visited();

  const mark = old.service.mark;
  await old.type("systemctl restart vambe-identity");
  await eventually("the old one has ended", () => old.service.exitCode === 1, PATIENTLY);
  expect(old.service.output(mark)).toMatch(
    /^vambe-identity cannot start\. [^.\n]*later version[^.\n]*update[^.\n]*$/m,
  );
  await site.visited();
  expect((await readinessOf(young)).status).toBe("ready");
  expect(await site.nobodyIsLost()).toEqual({ unanswered: 0 });
}, 600_000);

test("Roll back where the version before does not start", async () => {
  await using site = await openSite();
  const { service, type } = site.first;
  await site.offer(PRESENT);
  await site.offer(NEXT_ALONE);
  await site.visited();
  await site.perform("Back up SQLite");
  const install = (version: string) =>
    type(`npm install --offline ./vambe-identity-${version}.tgz\nsystemctl restart vambe-identity`);
  await install(NEXT_ALONE.version);
  await eventually("it is up", () => service.output().includes(`"version":"${NEXT_ALONE.version}"`), {
    withinMs: 120_000,
  });
  await site.visited();
  await install(PRESENT.version);
  await eventually("it has ended", () => service.exitCode === 1, { withinMs: 120_000 });
  const said = /^vambe-identity cannot start.*/m.exec(service.output())?.[0] ?? "";
  expect(said).toMatch(/later version/);
  expect(sectionOf("Roll back where the version before does not start")).toContain(said);
  await site.perform("Roll back where the version before does not start", {
    values: { "0.1.0": PRESENT.version },
  });
  await site.visited();
  await site.nobodyIsLost();
}, 600_000);

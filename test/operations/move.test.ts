import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { openSite } from "./site.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

test("From SQLite to PostgreSQL", async () => {
  await using site = await openSite({ newKeys: true });
  const { standIn } = site.vambe;
  await site.visited();
  standIn.setFault("down");
  expect(await site.signIn("never-again", { name: "Jane Doe", plan: "premium" })).toBe("queued");
  await site.perform("From SQLite to PostgreSQL", {
    values: {
      "18787": `${await freePort()}`,
      "postgres://user:password@host:5432/database": await postgres.newDatabase(),
    },
    elsewhere: { "Let an exchange that no page reaches": () => standIn.setFault("normal") },
  });
  await site.visited();
  await site.nobodyIsLost();
  expect(standIn.contacts().map(({ external_user_id: id }) => id)).toContain("never-again");
}, 600_000);

test("To another channel", async () => {
  const url = await postgres.newDatabase();
  await using site = await openSite({ instances: 2, settings: { VAMBE_DATABASE_URL: url } });
  const { standIn } = site.vambe;
  const next = randomUUID();
  await site.visited();
  standIn.setFault("down");
  expect(await site.signIn("never-again", { name: "Jane Doe", plan: "premium" })).toBe("queued");
  site.backend.channelId = next;
  await site.perform("To another channel", {
    values: {
      '"database":"SQLite"': '"database":"PostgreSQL"',
      "11111111-2222-4333-8444-555555555555": site.channelId,
      "66666666-7777-4888-9999-000000000000": next,
    },
    elsewhere: { "Bring along": () => standIn.setFault("normal") },
  });
  await site.visited();
  expect(await site.nobodyIsLost()).toEqual({ unanswered: 0 });
  const channels = () =>
    standIn
      .contacts()
      .flatMap((contact) => (contact.external_user_id === "never-again" ? contact.channel_id : []));
  await eventually("who waited has arrived", () => channels().length > 0, { withinMs: 120_000 });
  expect(channels()).toEqual([next]);
}, 600_000);

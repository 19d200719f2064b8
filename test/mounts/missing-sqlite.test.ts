import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { mount as express } from "./apps/express/mount.ts";
import { type InstalledApp, installApp } from "./harness/installed-app.ts";
import { type MountedWorld, mountedWorld } from "./harness/world.ts";
import { slugIn } from "./requests/answers.ts";

/** A Node that has no `node:sqlite`, as those before 22.13 have none without a flag. */
const mount = { ...express, start: ["node", "--no-experimental-sqlite", "app.js"] };

let installed: InstalledApp;
let world: MountedWorld;
beforeAll(async () => {
  installed = await installApp(mount);
  world = await mountedWorld(mount, { name: "" }, installed);
}, 300_000);
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  installed?.[Symbol.dispose]();
});

test("without node:sqlite the app lives, and the log says what to do", async () => {
  const app = await world.start();
  const answer = await world.identify("ana-1");
  expect([answer.status, slugIn(answer)]).toEqual([503, expect.not.stringMatching(/^no problem/)]);
  expect((await world.ask("/")).status).toBe(200);
  await expect.poll(() => app.output()).toMatch(/Node\.js 22\.13/);
  await expect.poll(() => app.output()).toMatch(/postgres/i);
  expect(await app.stop()).toMatchObject({ code: 0, signal: null });
});

test("with PostgreSQL nobody asks for node:sqlite", async () => {
  const app = await world.start({ VAMBE_DATABASE_URL: `${inject("mounts").postgres}?schema=without_sqlite` });
  const answer = await world.identify("ana-1", { name: "Ana Rivera" });
  expect(answer.status, app.output()).toBe(200);
  expect(world.contacts()).toEqual({ "ana-1": "Ana Rivera" });
});

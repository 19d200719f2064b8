import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allMounts, withMounts } from "./mounting-table.ts";

const ROOT = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/mounting.md", ROOT), "utf8");

test("docs/mounting.md has the apps, their lines and the options as they are (`npm run docs` writes it anew)", async () => {
  expect(await withMounts(page)).toBe(page);
});

test("each app that the page tells of has its run", async () => {
  const apps = new URL("test/mounts/apps/", ROOT);
  const names = readdirSync(apps);
  expect((await allMounts()).length).toBe(names.length);
  for (const name of names)
    expect([name, existsSync(new URL(`${name}/mount.test.ts`, apps))]).toEqual([name, true]);
});

import { cpSync, existsSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { run } from "../../packages/packed.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A clone, as `npm start` finds it. */

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.remove());
for (const source of ["package.json", "tsconfig.json", "vite.config.ts", "server", "widget"])
  cpSync(join(ROOT, source), folder.file(source), { recursive: true });
symlinkSync(join(ROOT, "node_modules"), folder.file("node_modules"));
writeFileSync(folder.file("widget/lib/one-more.ts"), "");

const built = folder.file("dist/built-in.js");
/** Whether it has built. */
function start(): boolean {
  const before = existsSync(built) ? statSync(built).mtimeMs : 0;
  run("node", ["server/build/build-if-old.ts"], folder.path);
  return statSync(built).mtimeMs > before;
}
/** A build takes what the machine needs for it. In milliseconds. */
const AS_LONG_AS_IT_BUILDS = 10 * 60_000;

test("builds what is not there, and then nothing", { timeout: AS_LONG_AS_IT_BUILDS }, () => {
  expect([start(), start()]).toEqual([true, false]);
});

test("builds again after a source was changed", { timeout: AS_LONG_AS_IT_BUILDS }, () => {
  const now = new Date();
  utimesSync(folder.file("widget/script.ts"), now, now);
  expect([start(), start()]).toEqual([true, false]);
});

test("builds again after a source was taken out", { timeout: AS_LONG_AS_IT_BUILDS }, () => {
  rmSync(folder.file("widget/lib/one-more.ts"));
  expect([start(), start()]).toEqual([true, false]);
});

test("says what to do where nothing can build", () => {
  rmSync(folder.file("node_modules"));
  expect(start()).toBe(false);
  rmSync(folder.file("dist"), { recursive: true });
  expect(() => run("node", ["server/build/build-if-old.ts"], folder.path)).toThrow(/run `npm ci` first/);
});

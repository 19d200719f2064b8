import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(ROOT + path, "utf8");

const help = spawnSync(process.execPath, ["server/cli/main.ts", "--help"], { cwd: ROOT, encoding: "utf8" });
const known = [...help.stdout.matchAll(/^ {2}vambe-identity ([a-z]+) /gm)].map(([, name = ""]) => name);

const pages = [
  ...readdirSync(ROOT).filter((name) => /^README.*\.md$/.test(name)),
  ...readdirSync(`${ROOT}docs`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** What stands in a code span or in a block of commands. */
const codeIn = (text: string) =>
  [...text.matchAll(/```sh\n(.*?)```|`([^`\n]+)`/gs)].map(([, block, span]) => block ?? span ?? "");

test("docs/reference/commands.md has the commands that there are, and no other", () => {
  const rows = [...read("docs/reference/commands.md").matchAll(/^\| `([a-z]+)/gm)].map(([, name]) => name);
  expect(known).toContain("serve");
  expect(rows.sort()).toEqual([...known].sort());
});

test.each(pages)("%s names no command that there is not", (page) => {
  const named = codeIn(read(page)).flatMap((code) =>
    [...code.matchAll(/(?:^|npx |; |\$ )vambe-identity ([a-z]+)/gm)].map(([, name = ""]) => name),
  );
  // What it says where it cannot start begins with its name too.
  expect(named.filter((name) => ![...known, "cannot"].includes(name))).toEqual([]);
});

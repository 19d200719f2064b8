import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { anchorsOf } from "../docs/page-parts.ts";
import { packPackage } from "./packed.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const packed = packPackage();
afterAll(() => packed[Symbol.dispose]());
const installed = join(packed.installInto("links", []), "node_modules/vambe-identity");

const readmes = readdirSync(installed).filter((name) => /^README.*\.md$/.test(name));
const pages = [
  ...readmes,
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** Where the links of a page lead, and whether that is there. */
function follow(folder: string, page: string): void {
  const text = readFileSync(join(folder, page), "utf8").replace(/^```.*?^```/gms, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  for (const link of links.filter((one) => !/^https:/.test(one))) {
    const [path = "", anchor] = link.split("#");
    const target = path ? join(folder, dirname(page), path) : join(folder, page);
    expect([link, existsSync(target)]).toEqual([link, true]);
    if (anchor !== undefined)
      expect([link, anchorsOf(readFileSync(target, "utf8"))]).toEqual([
        link,
        expect.arrayContaining([anchor]),
      ]);
  }
}

test.each(readmes)("whoever has the package and nothing else can follow %s", (page) =>
  follow(installed, page),
);

test.each(pages)("in a clone each link of %s leads somewhere", (page) => follow(ROOT, page));

test("the README shows its pictures, and leads nowhere else", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  expect([...readme.matchAll(/!\[/g)].length).toBeGreaterThan(1);
  expect(readme.match(/\]\(https?:/g)).toBeNull();
});

test("the README is a path that is read in one go", () => {
  for (const page of readmes)
    expect(readFileSync(join(installed, page), "utf8").split("\n").length).toBeLessThanOrEqual(121);
});

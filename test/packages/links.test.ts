import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { anchorsOf } from "../docs/page-parts.ts";
import { packPackage } from "./packed.ts";

/** Whoever has the tarball and nothing else can follow what its README and its pages lead to. */

const packed = packPackage();
afterAll(() => packed[Symbol.dispose]());
const installed = join(packed.installInto("links", []), "node_modules/vambe-identity");
const pages = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) =>
  /^(README[^/]*|docs\/.*)\.md$/.test(name),
);

test.each(pages)("%s", (page) => {
  const text = readFileSync(join(installed, page), "utf8").replace(/^```.*?^```/gms, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  for (const link of links.filter((one) => !/^https:/.test(one))) {
    const [path = "", anchor] = link.split("#");
    const target = path ? join(installed, dirname(page), path) : join(installed, page);
    expect([link, existsSync(target)]).toEqual([link, true]);
    if (anchor !== undefined)
      expect([link, anchorsOf(readFileSync(target, "utf8"))]).toEqual([
        link,
        expect.arrayContaining([anchor]),
      ]);
  }
});

test("the README shows its pictures, and leads nowhere else", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  expect([...readme.matchAll(/!\[/g)].length).toBeGreaterThan(1);
  expect(readme.match(/\]\(https?:/g)).toBeNull();
});

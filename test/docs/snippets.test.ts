import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { COMPILER } from "../packages/build-app.ts";
import { packPackage, run } from "../packages/packed.ts";

/** Every piece of TypeScript in README and docs compiles under strict, against the package as it is published. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIBRARIES = [
  "react",
  "@types/react",
  "csstype",
  "@types/node",
  "undici-types",
  "@angular/core",
  "rxjs",
  "vue",
  "svelte",
];
const DOCS = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

interface Snippet {
  doc: string;
  line: number;
  end: "ts" | "tsx";
  code: string;
}

const snippets = DOCS.flatMap(snippetsIn);
const account = snippets.find(({ code }) => code.includes("export function Account"))?.code ?? "";

/** What a snippet says is the reader's own. */
const BESIDE: Record<string, string> = {
  "account.tsx": account,
  "session.ts":
    "export async function currentUser() { return { id: 'ana-1', name: 'Ana Rivera', plan: 'pro' }; }",
};

function snippetsIn(doc: string): Snippet[] {
  // Those lines are the apps' own, which run: test/mounts/.
  const text = readFileSync(join(ROOT, doc), "utf8").replace(/<!-- lines -->.*<!-- \/lines -->/s, (part) =>
    part.replace(/```\w+/g, "```"),
  );
  return [...text.matchAll(/^```(tsx?)\n(.*?)^```$/gms)].map(({ 1: end, 2: code = "", index }) => ({
    doc,
    line: text.slice(0, index).split("\n").length,
    end: end === "tsx" ? "tsx" : "ts",
    code,
  }));
}

const packed = packPackage();
afterAll(() => packed[Symbol.dispose]());

/** Express is not among our own libraries: test/mounts/newcomer.test.ts compiles and runs it. */
const elsewhere = ({ code }: Snippet) => code.includes('from "express"');

test("there are some, in each of the pages that are for developers", () => {
  const pages = new Set(snippets.map(({ doc }) => doc));
  expect([...pages]).toEqual(expect.arrayContaining(["docs/mounting.md", "docs/frameworks.md"]));
  expect(snippets.filter(elsewhere).length).toBeLessThan(2);
});

test("each compiles", () => {
  const app = packed.installInto("snippets", LIBRARIES);
  for (const snippet of snippets.filter((one) => !elsewhere(one))) {
    const folder = join(app, `${snippet.doc.replace(/\W/g, "-")}-${snippet.line}`);
    mkdirSync(folder);
    writeFileSync(join(folder, `snippet.${snippet.end}`), snippet.code);
    for (const [name, code] of Object.entries(BESIDE)) writeFileSync(join(folder, name), code);
  }
  const compilerOptions = { ...COMPILER, types: ["node"], experimentalDecorators: true, skipLibCheck: true };
  writeFileSync(
    join(app, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*/*.ts", "*/*.tsx"] }),
  );
  expect(() => run("tsc", ["-p", app], app)).not.toThrow();
});

import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { COMPILER } from "./build-app.ts";
import { packPackage, run } from "./packed.ts";

const packed = packPackage();
afterAll(() => packed[Symbol.dispose]());

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

test("publint finds nothing to mend in the tarball", () => {
  expect(run("publint", [packed.tarball, "--strict"], ".")).toContain("All good!");
});

test("every entry of the tarball has the types that its code has", () => {
  // Without `node10` alone, which knows no `exports`: docs/mounting.md says that it is not supported.
  const report = run("attw", [packed.tarball, "--profile", "node16", "--format", "json"], ".");
  expect(Object.keys(JSON.parse(report).analysis.entrypoints)).toEqual([
    ".",
    "./sign",
    "./client",
    "./widget",
    "./react",
    "./preact",
    "./vue",
    "./svelte",
    "./angular",
    "./next",
    "./next/script",
    "./package.json",
  ]);
});

test.each([
  ["a bundler", { module: "esnext", moduleResolution: "bundler" }],
  ["Node", { module: "nodenext", moduleResolution: "nodenext" }],
])("the types hold in a project for %s that checks libraries too and has none but this one", (name, how) => {
  const app = packed.installInto(name, []);
  cpSync(fileURLToPath(new URL("../types", import.meta.url)), join(app, "types"), { recursive: true });
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", type: "module" }));
  const settings = { compilerOptions: { ...COMPILER, ...how }, include: ["types"] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify(settings));
  const compiled = run("tsc", ["-p", app, "--listFiles"], app);
  expect(compiled).toContain("types/users.ts");
  expect(compiled).not.toContain("zod");
});

test("the tarball has every declaration that its declarations refer to", () => {
  const app = packed.installInto("declarations", ["@angular/core", "rxjs", "svelte", "vue", "@types/react"]);
  const types = filesBelow(join(app, "node_modules/vambe-identity/dist/types"));
  expect(types.length).toBeGreaterThan(5);
  const compiler = { ...COMPILER, module: "nodenext", moduleResolution: "nodenext" };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: compiler, files: types }));
  run("tsc", ["-p", app], app);
});

test("nothing in the modules reaches for what a bundler cannot find", () => {
  const app = packed.installInto("imports", []);
  const folder = join(app, "node_modules/vambe-identity/dist/module");
  const wanted = filesBelow(folder).flatMap((file) => [
    ...readFileSync(file, "utf8").matchAll(/(?:from |import\()"([^"]+)"/g),
  ]);
  const outside = wanted.map(([, id = ""]) => id).filter((id) => !id.startsWith("./"));
  expect([...new Set(outside)].sort()).toEqual([
    "../widget/vambe-identity-badge.js",
    "../widget/vambe-identity-chat.js",
    "@angular/core",
    "next/script",
    "preact/hooks",
    "react",
    "svelte",
    "svelte/store",
    "vue",
  ]);
});

test("react is a client module for frameworks that ask", () => {
  const app = packed.installInto("directive", []);
  const code = readFileSync(join(app, "node_modules/vambe-identity/dist/module/react.js"), "utf8");
  expect(code).toMatch(/^"use client";/);
});

test("on a server the widget can be imported, and its calls harm nothing", () => {
  const app = packed.installInto("server", []);
  const code = `
    import { configure, identify, mountBadge, reset, subscribe } from "vambe-identity/widget";
    configure({ server: "/identity" });
    subscribe(({ status }) => console.log(status))();
    mountBadge({ placement: "top-left" })();
    mountBadge({ element: "#account" })();
    reset();
    identify({ id: "a" });
    console.log(await identify(null));
    console.log(await identify({ id: "a" }).catch(({ name, code }) => name + " " + code));
    console.log(Object.keys(globalThis).filter((name) => /vambe/i.test(name)).length);
  `;
  const said = run("node", ["--input-type=module", "--eval", code], app);
  expect(said.trim().split("\n")).toEqual(["anonymous", "null", "IdentifyError not-in-browser", "0"]);
});

test.each([
  ["react", ["react"]],
  ["preact", ["preact"]],
  ["vue", ["vue"]],
  ["svelte", ["svelte"]],
  ["angular", ["@angular/core", "rxjs"]],
])("the client for %s can be imported and required on a server", (client, libraries) => {
  const app = packed.installInto(`${client}-server`, libraries);
  const code = `
    const required = require("vambe-identity/${client}");
    import("vambe-identity/${client}").then((imported) => {
      for (const module of [imported, required]) console.log(Object.keys(module).join());
    });
  `;
  const name = client === "angular" ? "VambeIdentity" : "useVambeIdentity";
  expect(run("node", ["--eval", code], app).trim()).toBe(`${name}\n${name}`);
});

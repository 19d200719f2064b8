import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { run } from "../packages/packed.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { signProof } from "../support/proofs.ts";
import { rawRequest } from "../support/raw-request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";
import { installedLibraries } from "./harness/libraries.ts";

/** A fresh folder, the packed tarball, and the lines for Express as they stand in docs/mounting.md. */

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const mounting = readFileSync(new URL("../../docs/mounting.md", import.meta.url), "utf8");
const snippet = /```ts\n(import express .*?)```/s.exec(mounting)?.[1] ?? "";
const install = /^npm install \.\/(\S+)$/m.exec(readme);

const folder = temporaryFolder();
const app = folder.file("app");
afterAll(() => folder.remove());

beforeAll(async () => {
  cpSync(await installedLibraries("newcomer"), app, { recursive: true, verbatimSymlinks: true });
  // The line of the README, with the tarball under the name that `npm pack` gives it.
  cpSync(inject("mounts").tarball, join(app, install?.[1] ?? ""));
  run("npm", (install?.[0] ?? "").split(" ").slice(1), app);
  writeFileSync(join(app, "app.ts"), snippet);
}, 200_000);

test("the install brings nothing but the package along", () => {
  const before = JSON.parse(
    readFileSync(new URL("./libraries/newcomer/package-lock.json", import.meta.url), "utf8"),
  );
  const { packages } = JSON.parse(readFileSync(join(app, "package-lock.json"), "utf8"));
  const added = Object.keys(packages).filter((path) => !Object.hasOwn(before.packages, path));
  expect(added).toEqual(["node_modules/vambe-identity"]);
});

test("the lines hold under strict", () => {
  expect(snippet.trim().split("\n").length).toBeLessThanOrEqual(10);
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2022",
    noEmit: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: ["node"],
  };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
  run("tsc", ["-p", app], app);
});

test("they run: somebody is identified, and the app ends by itself", async () => {
  const { apiKey, secret, environment } = freshSettings();
  await using vambe = await startVambe({ apiKey });
  const port = await freePort();
  writeFileSync(join(app, "running.ts"), snippet.replace("3000", `${port}`));
  const url = `http://127.0.0.1:${port}/identity`;
  const child = spawn(process.execPath, ["running.ts"], {
    cwd: app,
    env: { PATH: process.env.PATH, ...environment, VAMBE_API_URL: vambe.url, VAMBE_PUBLIC_URL: url },
    stdio: "inherit",
  });
  try {
    await eventually("it is ready", async () => (await rawRequest(`${url}/readyz`)).status === 200);
    expect((await rawRequest(`${url}/vambe-identity.js`)).text).toContain("VambeIdentify");
    const identified = await rawRequest(`${url}/identify`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({
        user: { id: "ana-1" },
        proof: signProof(secret, "ana-1", { name: "Ana Rivera" }),
      }),
    });
    expect([identified.status, JSON.parse(identified.text)]).toMatchObject([200, { status: "delivered" }]);
    expect(vambe.standIn.contacts().map(({ contact }) => contact.name)).toEqual(["Ana Rivera"]);
  } finally {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
  }
  expect(child.exitCode).toBe(0);
});

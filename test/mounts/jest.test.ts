import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { run } from "../packages/packed.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { installedLibraries } from "./harness/libraries.ts";

/** Jest, as it is set up by itself: CommonJS, and no transform for what is installed. */

const folder = temporaryFolder();
const app = folder.file("app");
afterAll(() => folder.remove());

beforeAll(async () => {
  cpSync(await installedLibraries("jest"), app, { recursive: true, verbatimSymlinks: true });
  const target = join(app, "node_modules/vambe-identity");
  run("mkdir", [target], app);
  run("tar", ["-xzf", inject("mounts").tarball, "--strip-components=1", "-C", target], app);
  writeFileSync(
    join(app, "clients.test.js"),
    `test("clients and sign", async () => {
       expect(typeof require("vambe-identity/react").useVambeIdentity).toBe("function");
       expect(await require("vambe-identity/widget").identify(null)).toBe(null);
       const proof = await require("vambe-identity/sign").signUser({ id: "ana-1" }, "x".repeat(32));
       expect(proof.split(".")).toHaveLength(3);
     });`,
  );
  writeFileSync(
    join(app, "exchange.test.js"),
    `test("an exchange", async () => {
       const { createExchange } = require("vambe-identity");
       const exchange = createExchange({
         apiKey: "key",
         channelId: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
         identitySecrets: ["x".repeat(32)],
         allowedOrigins: ["https://www.example.com"],
         publicUrl: "https://www.example.com/identity",
         databaseUrl: "memory:",
       }, { log: { info() {}, warn() {}, error() {} } });
       const { status } = await exchange.fetch(new Request("https://www.example.com/identity/readyz"));
       await exchange.close();
       expect(status).toBe(200);
     });`,
  );
}, 200_000);

const jest = (file: string, environment = {}) =>
  run("node", ["node_modules/jest/bin/jest.js", "--ci", file], app, environment);

test("the clients and sign need no setting", () => {
  expect(() => jest("clients.test.js")).not.toThrow();
});

test("the exchange needs the flag that docs/mounting.md names", () => {
  expect(() => jest("exchange.test.js", { NODE_OPTIONS: "--experimental-vm-modules" })).not.toThrow();
  expect(() => jest("exchange.test.js")).toThrow(/ES Module/);
});

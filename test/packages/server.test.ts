import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { OPTIONS } from "../../server/settings/table.ts";
import { eventually } from "../support/eventually.ts";
import { startPostgres } from "../support/postgres.ts";
import { startWorld } from "../support/world.ts";
import { COMPILER } from "./build-app.ts";
import { packPackage, run } from "./packed.ts";

/** The exchange and `sign` as an app has them that has installed the tarball and nothing else. */

const packed = packPackage();
afterAll(() => packed[Symbol.dispose]());
const app = packed.installInto("app", []);
const installed = join(app, "node_modules/vambe-identity");
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const node = (code: string, type: "module" | "commonjs" = "module") =>
  run("node", [`--input-type=${type}`, "--eval", code], app).trim();

const SETTINGS = JSON.stringify({
  apiKey: "key",
  channelId: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
  identitySecrets: ["0123456789abcdef0123456789abcdef"],
  allowedOrigins: ["https://www.example.com"],
  publicUrl: "https://www.example.com/identity",
  databaseUrl: "memory:",
});
const IS_READY = `
  const exchange = createExchange(${SETTINGS}, { log: { info() {}, warn() {}, error() {} } });
  const { status } = await exchange.fetch(new Request("https://www.example.com/identity/readyz"));
  const script = await exchange.fetch(new Request("https://www.example.com/identity/vambe-identity.js"));
  await exchange.close();
  console.log(status, /VambeIdentify/.test(await script.text()));`;

test("it needs no other package, and less than half a megabyte to download", () => {
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  expect(dependencies).toBeUndefined();
  expect(statSync(packed.tarball).size).toBeLessThan(500_000);
});

describe("an exchange runs", () => {
  test("by import", () => {
    expect(node(`import { createExchange } from "vambe-identity"; ${IS_READY}`)).toBe("200 true");
  });

  test("by require", () => {
    const code = `const { createExchange } = require("vambe-identity"); (async () => { ${IS_READY} })();`;
    expect(node(code, "commonjs")).toBe("200 true");
  });

  test("by its command", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(run("node", [join(installed, "dist/server/cli.js"), "--version"], app).trim()).toBe(version);
  });

  test("on PostgreSQL, with as much of the driver as is in the package", async () => {
    await using postgres = await startPostgres();
    const url = await postgres.newDatabase();
    await using world = await startWorld({
      environment: { VAMBE_DATABASE_URL: url },
      surroundings: { program: join(installed, "dist/server/cli.js") },
    });
    expect((await world.signIn("jane", { name: "Jane Doe" })).status).toBe(200);
    const delivered = () =>
      world.vambe.standIn.contacts().some(({ external_user_id }) => external_user_id === "jane");
    expect(await eventually("she is known at Vambe", delivered)).toBe(true);
  });
});

describe("sign", () => {
  const SIGN = `signUser({ id: "jane" }, "0123456789abcdef0123456789abcdef").then((proof) => console.log(proof.split(".").length))`;

  test.each([
    ["import", "module", `import { signUser } from "vambe-identity/sign"; ${SIGN}`],
    ["require", "commonjs", `const { signUser } = require("vambe-identity/sign"); ${SIGN}`],
  ] as const)("works by %s", (_, type, code) => {
    expect(node(code, type)).toBe("3");
  });

  test("pulls in little: no library, and nothing of the exchange", () => {
    writeFileSync(join(app, "signs.js"), 'export { signUser } from "vambe-identity/sign";');
    writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", type: "module" }));
    const config = 'export default { ssr: { noExternal: true, target: "node" } }';
    writeFileSync(join(app, "vite.config.js"), config);
    run("vite", ["build", "--ssr", "signs.js", "--outDir", "signed", "--logLevel", "error"], app);
    const bundled = readFileSync(join(app, "signed/signs.js"), "utf8");
    expect(bundled.length).toBeLessThan(9000);
    expect(bundled).not.toMatch(/safeParse|JWS|from "vambe/);
  });
});

describe("the declarations", () => {
  const types = join(installed, "dist/types/server");
  const text = (file: string) => readFileSync(join(types, file), "utf8");
  /** What an editor shows beside each name of an interface: the comment right before it. */
  const described = (source: string) =>
    [...source.matchAll(/\/\*\*((?:[^*]|\*(?!\/))+)\*\/\s+(?:readonly )?(\w+)\??[:(]/g)].map(
      ([, doc = "", name = ""]) => ({
        name,
        doc: doc.replace(/[\s*]+/g, " ").trim(),
      }),
    );

  test("say of every option what it means", () => {
    const options = described(text("settings/exchange-options.d.cts"));
    expect(options.map(({ name }) => name).sort()).toEqual(Object.keys(OPTIONS).sort());
    for (const { name, doc } of options) expect([name, doc.length > 20]).toEqual([name, true]);
  });

  test("say of every optional option what it is by default", () => {
    const source = text("settings/exchange-options.d.cts");
    const optional = [...source.matchAll(/(\w+)\?:/g)].map(([, name]) => name);
    // These do nothing where they are not set.
    const nothing = [
      "apiKeyPrevious",
      "authenticate",
      "identitySecrets",
      "webchatSecrets",
      "stageId",
      "agentId",
      "whatsappPhone",
      "phoneCountry",
    ];
    const silent = [...nothing, "oidcIssuer", "oidcAudience", "oidcJwksUrl", "sessionUrl", "sessionFields"];
    const said = described(source).filter(({ doc }) => /\(default: /.test(doc) || /sets no limit/.test(doc));
    expect(optional.filter((name) => !said.some((option) => option.name === name)).sort()).toEqual(
      silent.sort(),
    );
  });

  test("say of every function and type of the entry what it is", () => {
    const source = text("index.d.ts");
    for (const name of ["createExchange", "createExchangeFromEnv", "toNodeListener"])
      expect(source).toMatch(new RegExp(`\\*/\\s+export declare function ${name}\\(`));
    expect(described(text("types.d.cts")).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["address", "fetch", "ready", "close"]),
    );
  });

  test.each([
    ["a module", "app.mts"],
    ["CommonJS", "app.cts"],
  ])("hold for %s of an app that has none of Node's types", (_, file) => {
    const code = `
      import { createExchange, createExchangeFromEnv, toNodeListener, SettingsError } from "vambe-identity";
      import type { Connection, Exchange, ExchangeOptions, Log, NodeListener } from "vambe-identity";
      import { signUser } from "vambe-identity/sign";
      const options: ExchangeOptions = { apiKey: undefined, channelId: "", allowedOrigins: [], publicUrl: "" };
      const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
      const exchange: Exchange = createExchange(options, { log });
      const listener: NodeListener = toNodeListener(createExchangeFromEnv({ compress: false }));
      const connection: Connection = { address: "192.0.2.1" };
      export const all = [exchange.fetch(new Request("https://x.example"), connection), listener, signUser({ id: 1 }, ""), SettingsError];
      // @ts-expect-error no such option
      createExchange({ ...options, apiKye: "" });`;
    writeFileSync(join(app, file), code);
    const settings = {
      compilerOptions: { ...COMPILER, module: "nodenext", moduleResolution: "nodenext" },
      files: [file],
    };
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify(settings));
    run("tsc", ["-p", app], app);
  });
});

test("each library that is in it is named among the notices", () => {
  const notices = readFileSync(join(installed, "THIRD-PARTY-NOTICES.md"), "utf8");
  const manifest = (name: string) =>
    JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8"));
  const closure = (names: string[]): string[] =>
    names.flatMap((name) => [name, ...closure(Object.keys(manifest(name).dependencies ?? {}))]);
  const whole = closure([
    "zod",
    "jose",
    "ipaddr.js",
    "pg",
    "preact",
    "@preact/signals-core",
    "libphonenumber-js",
    "csv-parse",
  ]);
  // What this one would bring along is left out: the next test.
  for (const name of [...whole, "prom-client"]) expect(notices).toMatch(new RegExp(`[ ,]${name}[ ,]`));
});

test("what counts for Prometheus brings neither a tracing API nor a sketch of quantiles", () => {
  const folder = join(installed, "dist/server/server");
  const scripts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  expect(scripts.filter((script) => /le is a reserved label keyword/.test(script))).toHaveLength(1);
  expect(scripts.filter((script) => /tdigest|opentelemetry/i.test(script))).toEqual([]);
});

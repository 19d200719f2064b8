import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { runExchange, startExchange } from "../../support/exchange-process.ts";
import { freePort } from "../../support/free-port.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { freshSettings, startWorld } from "../../support/world.ts";

const secret = randomBytes(24).toString("hex");
const good = {
  ...freshSettings().environment,
  VAMBE_API_KEY: `key-${secret}`,
  VAMBE_IDENTITY_SECRET: `secret-${secret}`,
  HOST: "127.0.0.1",
};

/** It says `words`, in words for a person, ends by itself with exit code 1, and keeps the secrets. */
async function cannotStart(environment: Record<string, string>, words: RegExp): Promise<void> {
  const PORT = String(await freePort());
  const { code, signal, output } = await runExchange({ ...good, PORT, ...environment });
  expect(output).toMatch(words);
  expect(output).toMatch(/vambe-identity cannot start/);
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain(secret);
  expect({ code, signal }).toEqual({ code: 1, signal: null });
}

describe.concurrent("an exchange that cannot start says why and ends with exit code 1:", () => {
  test("no settings at all: every one that is required, at once", async () => {
    const { code, output } = await runExchange({});
    expect(code).toBe(1);
    for (const name of [
      "VAMBE_API_KEY",
      "VAMBE_CHANNEL_ID",
      "VAMBE_ALLOWED_ORIGINS",
      "VAMBE_IDENTITY_SECRET",
    ]) {
      expect(output).toContain(`${name} is required`);
    }
  });

  test("settings that are wrong", () =>
    cannotStart(
      { VAMBE_CHANNEL_ID: "x", VAMBE_MAX_RATE: "fast" },
      /VAMBE_CHANNEL_ID must[\s\S]*VAMBE_MAX_RATE must/,
    ));

  test("a port that is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await cannotStart({ PORT: String(port) }, /port is taken/i);
    server.close();
  });

  test("a folder for the database that does not exist", () =>
    cannotStart({ VAMBE_DATABASE_URL: "file:/nowhere/at/all.db" }, /VAMBE_DATABASE_URL/));

  test("a database that is none", async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file("notes.txt"), "these are my notes ".repeat(100));
    await cannotStart({ VAMBE_DATABASE_URL: `file:${folder.file("notes.txt")}` }, /VAMBE_DATABASE_URL/);
  });

  test("a database of a later version", async () => {
    using folder = temporaryFolder();
    const db = new DatabaseSync(folder.file("later.db"));
    db.exec("PRAGMA user_version = 1000");
    db.close();
    await cannotStart({ VAMBE_DATABASE_URL: `file:${folder.file("later.db")}` }, /later version/);
  });

  test("a database of something else", async () => {
    using folder = temporaryFolder();
    const db = new DatabaseSync(folder.file("other.db"));
    db.exec("CREATE TABLE contact (id INTEGER PRIMARY KEY, phone TEXT)");
    db.close();
    await cannotStart({ VAMBE_DATABASE_URL: `file:${folder.file("other.db")}` }, /VAMBE_DATABASE_URL/);
  });
});

describe.concurrent("the command line", () => {
  test("without a command, or with --help, says what there is", async () => {
    for (const args of [[], ["--help"], ["-h"]]) {
      const { code, output } = await runExchange({}, args);
      expect(code).toBe(0);
      expect(output).toContain("vambe-identity serve");
    }
  });

  test("--version says the version of the package", async () => {
    expect((await runExchange({}, ["--version"])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([[["sevre"]], [["serve", "--port", "80"]]])("%j is not a command", async (args) => {
    const { code, output } = await runExchange(good, args);
    expect(code).toBe(2);
    expect(output).toContain(`"${args.join(" ")}"`);
  });
});

describe.concurrent("an exchange that starts", () => {
  test("prints one JSON line with its address, and warnings before it", async () => {
    await using exchange = await startExchange({ ...good, VAMBE_SORCE: "crm" });
    const [warnings, listening] = [
      exchange.log().filter(({ level }) => level === "warn"),
      exchange.log().at(-1),
    ];
    expect(listening).toMatchObject({
      level: "info",
      event: "listening",
      url: exchange.url,
      address: expect.stringMatching(/:\d+$/),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      mode: "enforcing",
      database: "memory",
      waiting: 0,
    });
    expect(JSON.stringify(warnings)).toContain("VAMBE_SORCE");
    expect(JSON.stringify(warnings)).toContain("VAMBE_DATABASE_URL");
    expect(exchange.output()).not.toContain(secret);
  });

  test("says how many wait to be sent, and that ids without a proof are accepted", async () => {
    await using world = await startWorld({ apiUrl: "http://127.0.0.1:9" });
    await world.signIn("u1", { name: "Jane" });
    await world.exchange.stop();
    await using next = await world.startAnother({ VAMBE_ALLOW_UNVERIFIED: "true" });
    const listening = next.log().find(({ event }) => event === "listening");
    expect(listening).toMatchObject({ mode: "unverified", database: "SQLite", waiting: 1 });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends with exit code 0 on %s", async (name) => {
    await using exchange = await startExchange(good);
    const { code, signal, output } = await exchange.stop(name);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(output).toContain('"stopped"');
  });
});

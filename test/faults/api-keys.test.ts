import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { runExchange, startExchange } from "../support/exchange-process.ts";
import { createPage } from "../support/page.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { signProof } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";

/** A database belongs to an account at Vambe, and so do the people in it. */

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const DATABASES = [
  ["SQLite", async (folder: string) => `file:${join(folder, "exchange.db")}`],
  ["PostgreSQL", () => postgres.newDatabase()],
] as const;

const OLD = "the-old-key-of-the-account";
const NEW = "the-new-key-of-the-account";
const JANE = { name: "Jane Secretname", email: "secretmail@example.com" };

/** An account at Vambe, and a database for its exchange. */
async function openAccount(newUrl: (folder: string) => Promise<string>) {
  const folder = temporaryFolder();
  const url = await newUrl(folder.path);
  const vambe = await startVambe({ apiKey: OLD });
  const { environment, secret } = freshSettings();
  const settings = { ...environment, VAMBE_API_URL: vambe.url, VAMBE_DATABASE_URL: url };
  const start = async (keys: Record<string, string>) => {
    const exchange = await startExchange({ ...settings, ...keys });
    const page = createPage(exchange.url, ORIGIN);
    const signIn = async (id: string, traits = JANE) =>
      (await page.identify({ id }, signProof(secret, id, traits))).identity().status;
    return { ...exchange, signIn };
  };
  return {
    folder,
    url,
    vambe,
    start,
    /** Of an exchange that cannot start. */
    refusal: (keys: Record<string, string>) => runExchange({ ...settings, ...keys }, ["serve"]),
    [Symbol.asyncDispose]: async () => {
      await vambe[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}

describe.each(DATABASES)("with %s", (_, newUrl) => {
  test("an exchange with another account's key cannot start, says the ways on, and changes nothing", async () => {
    await using account = await openAccount(newUrl);
    const own = await account.start({ VAMBE_API_KEY: OLD });
    expect(await own.signIn("jane")).toBe("delivered");
    await own.stop();
    const { code, output } = await account.refusal({ VAMBE_API_KEY: "key-of-another-account" });
    expect(code).toBe(1);
    expect(output).toMatch(/another VAMBE_API_KEY.*VAMBE_API_KEY_PREVIOUS.*VAMBE_DATABASE_URL.*\?schema=/s);
    expect(output).not.toMatch(/key-of-another|the-old-key|^\s+at /m);
    const wrong = await account.refusal({
      VAMBE_API_KEY: "key-of-another-account",
      VAMBE_API_KEY_PREVIOUS: "not-it-either",
    });
    expect(wrong.output).toMatch(/VAMBE_API_KEY_PREVIOUS does not unlock it either/);
    const again = await account.start({ VAMBE_API_KEY: OLD });
    expect(await again.signIn("jane")).toBe("unchanged");
    await again.stop();
  });

  test("the account's new key is taken with the one before, strands nothing and sends nobody twice", async () => {
    await using account = await openAccount(newUrl);
    const { standIn } = account.vambe;
    const before = await account.start({ VAMBE_API_KEY: OLD });
    expect(await before.signIn("jane")).toBe("delivered");
    standIn.setFault("down");
    expect(await before.signIn("waiting")).toBe("queued");
    await before.stop();
    standIn.setFault("normal");
    standIn.setApiKey(NEW);

    const during = await account.start({ VAMBE_API_KEY: NEW, VAMBE_API_KEY_PREVIOUS: OLD });
    expect(await during.signIn("jane")).toBe("unchanged");
    await eventually("what waited has arrived", () => standIn.contacts().length === 2);
    await during.stop();
    // While it is being replaced both keys may serve.
    await (await account.start({ VAMBE_API_KEY: OLD })).stop();

    const after = await account.start({ VAMBE_API_KEY: NEW });
    expect(await after.signIn("jane")).toBe("unchanged");
    await after.stop();
    expect((await account.refusal({ VAMBE_API_KEY: OLD })).code).toBe(1);
    expect(standIn.contacts().map(({ external_user_id: id }) => id)).toEqual(["jane", "waiting"]);
    const sent = JSON.stringify(standIn.upserts().map(({ body }) => body));
    expect(sent.match(/"jane"/g)).toHaveLength(1);
  });
});

test("two instances with the old and the new key serve one PostgreSQL side by side", async () => {
  await using account = await openAccount(() => postgres.newDatabase());
  const old = await account.start({ VAMBE_API_KEY: OLD });
  expect(await old.signIn("jane")).toBe("delivered");
  const young = await account.start({ VAMBE_API_KEY: NEW, VAMBE_API_KEY_PREVIOUS: OLD });
  for (let turn = 0; turn < 10; turn++) {
    expect(await old.signIn("jane")).toBe("unchanged");
    expect(await young.signIn("jane")).toBe("unchanged");
  }
  expect(account.vambe.standIn.upserts()).toHaveLength(1);
  await old.stop();
  await young.stop();
});

/** Every byte of every file below a folder, as text. */
function bytesIn(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  return files
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "latin1"))
    .join("\n");
}

describe("who looks at the bytes finds no name and no email, before the delivery and after it", () => {
  test("in an SQLite file and beside it", async () => {
    await using account = await openAccount(async (folder) => `file:${join(folder, "exchange.db")}`);
    account.vambe.standIn.setFault("down");
    const exchange = await account.start({ VAMBE_API_KEY: OLD });
    expect(await exchange.signIn("waits-for-vambe")).toBe("queued");
    const waiting = bytesIn(account.folder.path);
    account.vambe.standIn.setFault("normal");
    expect(await exchange.signIn("delivered")).toBe("delivered");
    await exchange.stop();
    for (const bytes of [waiting, bytesIn(account.folder.path)]) {
      expect(bytes).toContain("waits-for-vambe");
      expect(bytes).not.toMatch(/secret(name|mail)/i);
      expect(bytes).not.toContain(OLD);
    }
  });

  test("in PostgreSQL's data folder, its write-ahead log among it", async () => {
    await using own = await startPostgres();
    await using account = await openAccount(() => own.newDatabase());
    account.vambe.standIn.setFault("down");
    const exchange = await account.start({ VAMBE_API_KEY: OLD });
    expect(await exchange.signIn("waits-for-vambe")).toBe("queued");
    await own.run(account.url, "CHECKPOINT");
    const waiting = bytesIn(own.dataFolder);
    account.vambe.standIn.setFault("normal");
    expect(await exchange.signIn("delivered")).toBe("delivered");
    await exchange.stop();
    await own.run(account.url, "CHECKPOINT");
    for (const bytes of [waiting, bytesIn(own.dataFolder)]) {
      expect(bytes).toContain("waits-for-vambe");
      expect(bytes).not.toMatch(/secret(name|mail)/i);
      expect(bytes).not.toContain(OLD);
    }
  });
});

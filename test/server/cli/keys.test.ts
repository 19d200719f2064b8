import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { secretIdOf } from "../../../server/proof/secret-use.ts";
import { makeKeyJwk, signingKeyOf } from "../../../server/token/signing-key.ts";
import { dataKeyOf } from "../../support/data-key.ts";
import { eventually } from "../../support/eventually.ts";
import { runExchange } from "../../support/exchange-process.ts";
import { signProof } from "../../support/proofs.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { freshSettings, ORIGIN, startWorld, type World } from "../../support/world.ts";

const OLD_SECRET = "an-old-secret-of-thirty-two-bytes-and-more";
const KID = /^[\w-]{43}/gm;
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.exchange.restart({ VAMBE_IDENTITY_SECRET: `${world.secret},${OLD_SECRET}` });
});
afterAll(() => world[Symbol.asyncDispose]());

const keys = (args: string[], environment?: Record<string, string>) =>
  world.command(["keys", ...args], environment);
const list = async (environment?: Record<string, string>) => {
  const { code, output } = await keys(["list"], environment);
  expect(code, output).toBe(0);
  return output;
};
const privateParts = () => {
  const db = new DatabaseSync(world.database);
  const text = String(db.prepare("SELECT value FROM secret WHERE name = 'signing-keys'").get()?.value);
  db.close();
  return [...text.matchAll(/"d":"([^"]+)"/g)].map(([, part]) => part ?? "");
};
const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? "";
const published = async (): Promise<string[]> => {
  const { text } = await world.page.send("/.well-known/jwks.json", {});
  return JSON.parse(text).keys.map(({ kid }: { kid: string }) => kid);
};
const holds = (token: string) => {
  const jwks = createRemoteJWKSet(new URL("/.well-known/jwks.json", world.exchange.url));
  return jwtVerify(token, jwks, { audience: ORIGIN }).then(
    () => true,
    () => false,
  );
};

describe("keys list", () => {
  test("shows the key that signs, and nothing of it that is secret", async () => {
    const { token } = (await world.signIn("lister")).identity();
    const output = await list();
    expect(output).toMatch(new RegExp(`^${kidOf(token)}  signing  ${MOMENT.source}$`, "m"));
    for (const secret of [...privateParts(), world.secret, world.apiKey])
      expect(output).not.toContain(secret);
  });

  test("shows how much each secret is used, so that one sees when the old one can go", async () => {
    const bySecret = (output: string, secret: string) =>
      output.split("\n").filter((line) => line.startsWith(secretIdOf(secret)));
    await world.page.identify({ id: "old" }, signProof(OLD_SECRET, "old"));
    await world.page.identify({ id: "old" }, signProof(OLD_SECRET, "old", {}, { kid: "2025" }));
    const both = { VAMBE_IDENTITY_SECRET: `${world.secret},${OLD_SECRET}` };
    await eventually(
      "both uses have been written",
      async () => bySecret(await list(both), OLD_SECRET).length === 2,
    );
    const output = await list(both);
    expect(bySecret(output, world.secret)[0]).toMatch(/^\w{8} {2}1 +- {2,}\d+ +\S+Z$/);
    expect(bySecret(output, OLD_SECRET).map((line) => line.replace(MOMENT, "then").split(/ +/))).toEqual([
      [secretIdOf(OLD_SECRET), "2", "2025", "1", "then"],
      [secretIdOf(OLD_SECRET), "2", "-", "1", "then"],
    ]);
    const newOnly = await list({ VAMBE_IDENTITY_SECRET: `${"unused-".repeat(8)},${world.secret}` });
    expect(bySecret(newOnly, "unused-".repeat(8))[0]).toMatch(/1 +- +0 +never$/);
    expect(bySecret(newOnly, OLD_SECRET)[0]).toMatch(/not in it/);
    expect(bySecret(await list(), OLD_SECRET)[0]).toMatch(/unknown/);
  });

  test("and keys rotate leave alone what an exchange has under way", async () => {
    using folder = temporaryFolder();
    const ledger = new SqliteLedger(folder.file("busy.db"), dataKeyOf("key"), world.channelId);
    await ledger.takeOver();
    const user = { channelId: world.channelId, userId: "u" };
    await ledger.record({ ...user, traits: { name: "Jane" }, verified: true }, Date.now());
    expect(await ledger.takeNext(Date.now())).toBeDefined();
    for (const command of ["list", "rotate"]) {
      const { code } = await keys([command], { VAMBE_DATABASE_URL: `file:${folder.file("busy.db")}` });
      expect(code).toBe(0);
    }
    expect(await ledger.takeNext(Date.now())).toBeUndefined();
    await ledger.close();
  });
});

describe("beside a running exchange", () => {
  test("keys rotate: the old key stays published, its private part is erased, and the new one is taken up", async () => {
    const before = (await world.signIn("rotating")).identity().token;
    const parts = privateParts();
    const { code, output } = await keys(["rotate"]);
    expect(code, output).toBe(0);
    const [fresh = ""] = output.match(KID) ?? [];
    expect(await list()).toMatch(new RegExp(`^${fresh}  signing `, "m"));
    expect(await list()).toMatch(/^\S{43} {2}published until \S+Z /m);
    await eventually("the new key is published", async () => (await published()).includes(fresh));
    expect(await holds(before)).toBe(true);
    const files = readdirSync(world.folder.path).map((name) =>
      readFileSync(world.folder.file(name), "latin1"),
    );
    expect(parts.filter((part) => files.some((file) => file.includes(part)))).toEqual([]);
    await eventually(
      "the new key signs",
      async () => kidOf((await world.signIn("rotating")).identity().token) === fresh,
      { withinMs: 45_000, everyMs: 500 },
    );
    expect(await holds((await world.signIn("rotating")).identity().token)).toBe(true);
    expect(await holds(before)).toBe(true);
  }, 90_000);

  test("keys retire: needs a yes, then what the key has signed does not hold any more", async () => {
    await world.exchange.restart();
    const { token } = (await world.signIn("leaked")).identity();
    const asked = await keys(["retire", kidOf(token)]);
    expect(asked.code).toBe(2);
    expect(asked.output).toMatch(/nothing was changed.*--yes/s);
    expect(await holds(token)).toBe(true);

    const { code, output } = await keys(["retire", kidOf(token), "--yes"]);
    expect(code, output).toBe(0);
    expect(await list()).toMatch(new RegExp(`^${kidOf(token)}  retired `, "m"));
    await eventually("it is not published", async () => !(await published()).includes(kidOf(token)));
    expect(await holds(token)).toBe(false);
    await world.exchange.restart();
    const fresh = (await world.signIn("leaked")).identity().token;
    expect(kidOf(fresh)).not.toBe(kidOf(token));
    expect(await holds(fresh)).toBe(true);
    const again = await keys(["retire", kidOf(token), "--yes"]);
    expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/already/) });
  });

  test("two rotations at the same moment both count", async () => {
    const outputs = await Promise.all([keys(["rotate"]), keys(["rotate"]), keys(["rotate"])]);
    expect(outputs.map(({ code }) => code)).toEqual([0, 0, 0]);
    const made = outputs.map(({ output }) => output.match(KID)?.[0] ?? "");
    const output = await list();
    for (const kid of made) expect(output).toContain(kid);
    expect(output.match(/ signing /g)?.length).toBe(1);
  });
});

describe("words that are not understood", () => {
  test.each([
    [["turn"], 2, /no command "keys turn"/],
    [["list", "all"], 2, /"all"/],
    [["rotate", "now"], 2, /"now"/],
    [["retire"], 2, /takes the kid/],
    [["retire", "nobody", "--yes"], 1, /no such key/],
    [["retire", "a", "b"], 2, /"b"/],
    [[], 0, /keys rotate/],
    [["--help"], 0, /keys rotate/],
  ] as const)("keys %j", async (args, code, words) => {
    const ending = await keys([...args]);
    expect(ending.output).toMatch(words);
    expect(ending.code).toBe(code);
    expect(ending.output).not.toMatch(/^\s+at /m);
  });
});

describe("surroundings in which there is nothing to do", () => {
  test("no database: none is made", async () => {
    using folder = temporaryFolder();
    for (const command of ["list", "rotate"]) {
      const { code, output } = await keys([command], {
        VAMBE_DATABASE_URL: `file:${folder.file("typo.db")}`,
      });
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/typo\.db.*VAMBE_DATABASE_URL/s),
      });
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test.each([
    [{ VAMBE_DATABASE_URL: "memory:" }, /memory:/],
    [{ VAMBE_DATABASE_URL: "mysql://root:hunter2@x" }, /VAMBE_DATABASE_URL must/],
    [{ VAMBE_IDENTITY_SECRET: "hunter2" }, /VAMBE_IDENTITY_SECRET must/],
    [{ VAMBE_IDENTITY_SECRET_FILE: "/no/such/file" }, /VAMBE_IDENTITY_SECRET_FILE/],
    [{ VAMBE_SIGNING_KEY: '{"d":"hunter2"}' }, /VAMBE_SIGNING_KEY must/],
  ])("%j", async (environment, words) => {
    const { code, output } = await keys(["list"], environment);
    expect(output).toMatch(words);
    expect(output).not.toMatch(/hunter2|^\s+at /m);
    expect(code).toBe(1);
  });
});

describe("with VAMBE_SIGNING_KEY", () => {
  test("that key signs, and the commands say where it comes from", async () => {
    const jwk = await makeKeyJwk();
    const { kid } = await signingKeyOf(jwk);
    const environment = { VAMBE_SIGNING_KEY: JSON.stringify(jwk) };
    await using own = await startWorld({ environment });
    const { token } = (await own.signIn("u")).identity();
    expect(kidOf(token)).toBe(kid);
    const { text } = await own.page.send("/.well-known/jwks.json", {});
    expect(JSON.parse(text).keys).toMatchObject([{ kid }]);
    expect(text + own.exchange.output()).not.toContain(jwk.d);
    const database = { VAMBE_DATABASE_URL: `file:${own.database}` };
    expect(await list({ ...environment, ...database })).toMatch(
      new RegExp(`^${kid} .*VAMBE_SIGNING_KEY`, "m"),
    );
    expect(await list(database)).toMatch(/no signing key yet/);
    for (const args of [["rotate"], ["retire", kid, "--yes"]]) {
      const { code, output } = await keys(args, { ...environment, ...database });
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/comes from VAMBE_SIGNING_KEY/),
      });
      expect(output).not.toContain(jwk.d);
    }
  });

  test("that is no such key, the exchange does not start, and says so without showing it", async () => {
    const { d } = await makeKeyJwk();
    for (const text of [`${d}`, JSON.stringify({ kty: "EC", crv: "P-256", d })]) {
      const { code, output } = await runExchange({ ...freshSettings().environment, VAMBE_SIGNING_KEY: text });
      expect(code).toBe(1);
      expect(output).toMatch(/VAMBE_SIGNING_KEY/);
      expect(output).not.toContain(d);
    }
  });
});

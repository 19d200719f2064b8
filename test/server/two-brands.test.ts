import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createExchange, toNodeListener } from "../../server/index.ts";
import { createLog } from "../../server/log.ts";
import { createPage } from "../support/page.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { signProof } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings } from "../support/world.ts";

/** Two brands of one company: an exchange each, in one process and behind one host, on one PostgreSQL or in one folder. */

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

const PEOPLE = { sol: "Ana Solariega", luna: "Bruno Lunático" } as const;
type Name = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Name[];

/** One brand's own account, channel, secret, origin and people. */
function brandOf(name: Name, url: string, databaseUrl: string, vambeUrl: string) {
  const { apiKey, secret, options } = freshSettings();
  const origin = `https://www.${name}.example`;
  const publicUrl = `${url}/${name}/identity`;
  const lines: string[] = [];
  const exchange = createExchange(
    {
      ...options,
      apiUrl: vambeUrl,
      allowedOrigins: [origin],
      publicUrl,
      databaseUrl,
      fields: { plan: "plan" },
      webchatSecrets: [`webchat-secret-of-${name}-${secret}`],
    },
    { log: createLog((line) => lines.push(line)) },
  );
  const page = createPage(publicUrl, origin);
  return {
    name,
    apiKey,
    secret,
    channelId: options.channelId,
    origin,
    publicUrl,
    exchange,
    page,
    lines,
  };
}

type Database = { urlOf(name: Name): string; contentOf(name: Name): Promise<string>; close(): void };

const DATABASES: Record<string, () => Promise<Database>> = {
  "one PostgreSQL, a schema each": async () => {
    const url = await postgres.newDatabase();
    return {
      urlOf: (name) => `${url}?schema=${name}`,
      contentOf: async (name) => {
        const tables = await postgres.run(url, "SELECT tablename FROM pg_tables WHERE schemaname = $1", [
          name,
        ]);
        expect(tables.length).toBeGreaterThan(5);
        const rows = tables.map(({ tablename }) => postgres.run(url, `SELECT * FROM ${name}.${tablename}`));
        return JSON.stringify(await Promise.all(rows), (_, value) =>
          value?.type === "Buffer" ? Buffer.from(value.data).toString("latin1") : value,
        );
      },
      close: () => {},
    };
  },
  "one folder, a file each": async () => {
    const folder = temporaryFolder();
    return {
      urlOf: (name) => `file:${folder.file(`${name}.db`)}`,
      contentOf: async (name) =>
        readdirSync(folder.path)
          .filter((file) => file.startsWith(name))
          .map((file) => readFileSync(folder.file(file), "latin1"))
          .join(),
      close: folder.remove,
    };
  },
};

describe.each(Object.keys(DATABASES))("two brands with %s", (where) => {
  test("have nothing of each other: no value, key, token or origin", async () => {
    const database = await (DATABASES[where] ?? Promise.reject)();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const vambes = { sol: await startVambe({ apiKey: "" }), luna: await startVambe({ apiKey: "" }) };
    const brands = NAMES.map((name) => brandOf(name, url, database.urlOf(name), vambes[name].url));
    for (const brand of brands) vambes[brand.name].standIn.setApiKey(brand.apiKey);
    const [sol, luna] = brands;
    if (!sol || !luna) throw new Error("there are two");
    const pairs = [
      [sol, luna],
      [luna, sol],
    ] as const;
    const listeners = [toNodeListener(sol.exchange), toNodeListener(luna.exchange)];
    server.on("request", (request, response) =>
      listeners[0]?.(request, response, () => listeners[1]?.(request, response)),
    );
    try {
      const said: Record<string, string> = {};
      for (const { name, secret, page } of brands) {
        const user = { id: "user-1", name: PEOPLE[name], plan: `plan of ${name}` };
        const answer = await page.identify({ id: user.id }, signProof(secret, user.id, user));
        expect(answer.identity()).toMatchObject({ status: "delivered", user: { name: PEOPLE[name] } });
        said[name] = answer.text;
      }
      for (const [one, other] of pairs) {
        // The same id is two people, and each brand's Vambe knows its own.
        expect(vambes[one.name].standIn.contacts().map(({ contact }) => contact.name)).toEqual([
          PEOPLE[one.name],
        ]);
        const { token } = JSON.parse(said[other.name] ?? "");
        const keys = (await one.page.send("/.well-known/jwks.json", {})).text;
        const othersKeys: { keys: { kid: string }[] } = JSON.parse(
          (await other.page.send("/.well-known/jwks.json", {})).text,
        );
        expect(othersKeys.keys).toHaveLength(1);
        const secrets = [
          other.apiKey,
          other.secret,
          other.channelId,
          PEOPLE[other.name],
          `plan of ${other.name}`,
          othersKeys.keys[0]?.kid ?? "",
          token.split(".")[2],
        ];
        const everywhere = {
          database: await database.contentOf(one.name),
          answers: `${said[one.name]}${keys}`,
          log: one.lines.join("\n"),
          vambe: JSON.stringify(vambes[one.name].standIn.upserts()),
        };
        for (const [place, text] of Object.entries(everywhere)) {
          expect(text.length, place).toBeGreaterThan(50);
          for (const secret of secrets) expect(text.includes(secret), `${place}: ${secret}`).toBe(false);
          expect(text.includes(`www.${other.name}.example`), `${place}: origin`).toBe(false);
        }
        // What would be found if it were there.
        expect(everywhere.answers).toContain(PEOPLE[one.name]);
        expect(everywhere.database).toContain(one.channelId);
      }
      for (const [one, other] of pairs) {
        // A proof, an origin and a token of the other's are worth nothing here.
        const proof = signProof(other.secret, "user-1", { plan: "stolen" });
        expect((await one.page.identify({ id: "user-1" }, proof)).problem().slug).toBe("proof-signature");
        const own = signProof(one.secret, "user-1", {});
        const foreign = createPage(one.publicUrl, other.origin);
        expect((await foreign.identify({ id: "user-1" }, own)).problem().slug).toBe("origin-not-allowed");
        expect(
          (await one.page.identify({ id: "user-1" }, JSON.parse(said[other.name] ?? "").token)).status,
        ).toBe(401);
      }
    } finally {
      for (const { exchange } of brands) await exchange.close();
      server.close();
      for (const vambe of Object.values(vambes)) await vambe[Symbol.asyncDispose]();
      database.close();
    }
  });
});

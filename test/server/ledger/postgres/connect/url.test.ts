import { chmodSync } from "node:fs";
import { userInfo } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openLedger } from "../../../../../server/ledger/open.ts";
import { databaseUrlMistake, readDatabaseUrl } from "../../../../../server/ledger/postgres/connect/url.ts";
import { dataKeyOf } from "../../../../support/data-key.ts";
import { PASSWORD, type RunningPostgres, startPostgres } from "../../../../support/postgres.ts";
import { temporaryFolder } from "../../../../support/temporary-folder.ts";

const sockets = temporaryFolder();
chmodSync(sockets.path, 0o777);
const SOCKETS = encodeURIComponent(sockets.path);

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres(["-k", sockets.path]);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  sockets.remove();
});
afterEach(() => void vi.unstubAllEnvs());

/** Who is in, and where; or what is said. */
async function connect(url: string): Promise<string> {
  const ledger = await openLedger(url, dataKeyOf("key"), "channel");
  try {
    await ledger.takeOver();
    await ledger.outbox();
    return "in";
  } catch (error) {
    return String(error);
  } finally {
    await ledger.close();
  }
}

describe("forms that libpq takes are taken:", () => {
  const p = PASSWORD;
  test.each([
    ["the usual one", "postgres://tester:PW@127.0.0.1:PORT/DB"],
    ["the longer scheme", "postgresql://tester:PW@127.0.0.1:PORT/DB"],
    ["a name for the host", "postgres://tester:PW@localhost:PORT/DB"],
    ["the port behind the ?", "postgres://tester:PW@127.0.0.1/DB?port=PORT"],
    ["a socket's folder behind the ?", "postgres://tester:PW@/DB?host=SOCKETS&port=PORT"],
    ["a socket's folder as it is", `postgres://tester:PW@/DB?host=${sockets.path}&port=PORT`],
    ["a socket's folder in the place of the host", "postgres://tester:PW@SOCKETS:PORT/DB"],
    ["all of it behind the ?", "postgres:///?host=SOCKETS&port=PORT&user=tester&password=PW&dbname=DB"],
    [
      "what is behind the ? before what is before it",
      "postgres://a:b@c:1/d?host=127.0.0.1&port=PORT&user=tester&password=PW&dbname=DB",
    ],
    [
      "what a session starts with",
      "postgres://tester:PW@127.0.0.1:PORT/DB?options=-c%20search_path%3Dpg_catalog",
    ],
    [
      "what asks for nothing more",
      "postgres://tester:PW@127.0.0.1:PORT/DB?connect_timeout=5&target_session_attrs=read-write&client_encoding=UTF8&application_name=x&channel_binding=prefer&sslmode=disable",
    ],
  ])("%s", async (_, form) => {
    const database = new URL(await postgres.newDatabase()).pathname.slice(1);
    const values = { PW: p, PORT: `${postgres.port}`, DB: database, SOCKETS };
    expect(await connect(form.replace(/PW|PORT|DB|SOCKETS/g, (name) => values[name as "PW"]))).toBe("in");
  });

  test("a user, a password and a database of odd characters, percent-encoded", async () => {
    const admin = await postgres.newDatabase();
    const names = {
      user: "o/d@d?:user#%2F",
      password: "p%2F/?#[@]:ü &=+\\'",
      database: "an o/d@d base?#%41+",
    };
    const quoted = (text: string) => `"${text}"`;
    await postgres.run(
      admin,
      `CREATE ROLE ${quoted(names.user)} LOGIN PASSWORD '${names.password.replace("'", "''")}'`,
    );
    await postgres.run(admin, `CREATE DATABASE ${quoted(names.database)} OWNER ${quoted(names.user)}`);
    const [user, password, database] = Object.values(names).map(encodeURIComponent);
    const at = `127.0.0.1:${postgres.port}`;
    expect(await connect(`postgres://${user}:${password}@${at}/${database}`)).toBe("in");
    expect(await connect(`postgres://${at}?user=${user}&password=${password}&dbname=${database}`)).toBe("in");
  });

  test("without a user, a host or a database: those of the environment, or of libpq", () => {
    const { client } = readDatabaseUrl("postgres:///");
    const { username } = userInfo();
    expect(client).toMatchObject({ host: "localhost", port: 5432, user: username, database: username });
    const all = { PGHOST: "db", PGPORT: "6432", PGUSER: "me", PGDATABASE: "mine" };
    for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
    expect(readDatabaseUrl("postgres:///").client).toMatchObject({
      host: "db",
      port: 6432,
      user: "me",
      database: "mine",
    });
    expect(readDatabaseUrl("postgres://you@/").client).toMatchObject({ user: "you", database: "mine" });
  });

  test.each([
    ["postgres://u:p@[::1]:6432/d", "::1", 6432, "[::1]:6432"],
    ["postgres://u:p@[2001:db8::5]/d", "2001:db8::5", 5432, "[2001:db8::5]:5432"],
    ["postgres://u:p@/d?host=%3A%3A1", "::1", 5432, "[::1]:5432"],
    ["postgres://u:p@@db.example.com:/d", "db.example.com", 5432, "db.example.com:5432"],
    ["postgres://db.example.com:6432/d", "db.example.com", 6432, "the host in VAMBE_DATABASE_URL"],
    ["postgres://u:p@%2Frun%2Fpg/d", "/run/pg", 5432, "the local socket"],
  ])("%s", (url, host, port, where) => {
    expect(readDatabaseUrl(url)).toMatchObject({ client: { host, port }, where });
  });

  test.each([
    ["max=7&sslmode=require", 7],
    ["sslmode=require&max=100", 100],
    ["sslmode=require", 10],
  ])("?%s allows %s connections", (query, max) => {
    expect(readDatabaseUrl(`postgres://u:p@h/d?${query}`)).toMatchObject({ max, tls: { mode: "full" } });
  });
});

describe("what is not taken is named, with the remedy:", () => {
  test.each([
    ["postgres://u:p@h1:5432,h2:5432/d", /several hosts.*name one that leads to the primary/],
    ["postgres://u:p@/d?host=h1,h2", /several hosts/],
    ["postgres://u:p@h/d?hostaddr=10.0.0.1", /\?hostaddr=.*in the place of the host/],
    ["postgres://u:p@h/d?service=x", /\?service=.*write out/],
    ["postgres://u:p@h/d?passfile=/x", /\?passfile=.*VAMBE_DATABASE_URL_FILE/],
    ["postgres://u:p@h/d?target_session_attrs=standby", /\?target_session_attrs=.*read-write/],
    ["postgres://u:p@h/d?load_balance_hosts=random", /\?load_balance_hosts=.*name one host/],
    ["postgres://u:p@h/d?connect_timeout=300", /\?connect_timeout=.*from 1 to 10 seconds/],
    ["postgres://u:p@h/d?client_encoding=LATIN1", /\?client_encoding=.*UTF8/],
    ["postgres://u:p@h/d?channel_binding=require", /\?channel_binding=.*sslmode=verify-full/],
    ["postgres://u:p@h/d?gssencmode=require", /\?gssencmode=.*leave it out/],
    ["postgres://u:p@h/d?statement_timeout=1", /\?statement_timeout=.*leave it out/],
    ["postgres://u:p@h/d?pgbouncer=true", /\?pgbouncer=.*leave it out/],
    ["postgres://u:p@h/d?sslmode=prefer", /\?sslmode=.*do away with TLS/],
    ["postgres://u:p@h/d?sslmode=allow", /\?sslmode=.*do away with TLS/],
    ["postgres://u:p@h/d?sslmode=", /\?sslmode=/],
    ["postgres://u:p@h/d?sslmod=verify-full", /not known.*sslmode/],
    ["postgres://u:p@h/d?sslmode=verify-ca", /verify-ca without the authority/],
    ["postgres://u:p@h/d?sslmode=disable&sslrootcert=/x", /asks for TLS and has sslmode=disable/],
    ["postgres://u:p@h/d?sslcert=/x", /one of sslcert and sslkey/],
    ["postgres://u:p@h/d?ssl=no-verify", /\?ssl=.*sslmode=/],
    ["postgres://u:p@h/d?sslmode=require&sslmode=disable", /\?sslmode= twice/],
    ["postgres://u:p@h/d?max=0", /from 1 to 100/],
    ["postgres://u:p@h/d?max=101", /from 1 to 100/],
    ["postgres://u:p@h/d?max=many", /from 1 to 100/],
    ["postgres://u:p@h/d?max=", /from 1 to 100/],
    ["postgres://u:p@h/d?max=2&max=3", /\?max= twice/],
    ["postgres://u:p@::1/d", /IPv6 address stands in brackets/],
    ["postgres://u:p@h:0/d", /from 1 to 65535/],
    ["postgres://u:p@h:99999/d", /from 1 to 65535/],
    ["postgres://u:p@h:port/d", /must be a URL/],
    ["postgres://u:50%off@h/d", /% as %25/],
    ["postgres://u:a/b@h/d", /\/ as %2F/],
    ["postgres://u:a#b@h/d", /# as %23/],
    ["postgres://u:a?b@h/d", /\? as %3F/],
    ["postgres://u:p%00@h/d", /must be a URL/],
    ["postgres://u:p\n@h/d", /must be a URL/],
  ])("%s", (url, words) => {
    expect(databaseUrlMistake(url)).toMatch(words);
  });

  test("a mode of PGSSLMODE", () => {
    vi.stubEnv("PGSSLMODE", "prefer");
    expect(databaseUrlMistake("postgres://u:p@h/d")).toMatch(/PGSSLMODE is none of verify-full/);
    expect(databaseUrlMistake("postgres://u:p@h/d?sslmode=require")).toBeUndefined();
  });
});

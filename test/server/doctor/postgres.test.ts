import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataKey } from "../../../server/ledger/data-key.ts";
import { openLedger } from "../../../server/ledger/open.ts";
import { unlock } from "../../../server/ledger/unlock.ts";
import { certificateAuthority } from "../../support/certificate.ts";
import { freePort } from "../../support/free-port.ts";
import { reasonToSkipPgBouncer, startPgBouncer } from "../../support/pgbouncer.ts";
import { type RunningPostgres, startPostgres } from "../../support/postgres.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { twoAccounts } from "../ledger/postgres/two-accounts.ts";
import { runDoctor, startHealthyWorld } from "./doctor.ts";

const API_KEY = "key-of-this-test-0123456789";
const CHANNEL = "a1b2c3d4-e5f6-4890-abcd-ef1234567890";
const authority = certificateAuthority();
const folder = temporaryFolder();

let postgres: RunningPostgres;
beforeAll(async () => {
  const { cert, key } = authority.issue("localhost");
  const ssl = ["-c", "ssl=on", "-c", "ssl_cert_file=server.crt", "-c", "ssl_key_file=server.key"];
  postgres = await startPostgres([...ssl, "-c", "fsync=on"], { "server.crt": cert, "server.key": key });
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  folder.remove();
});

const doctor = (url: string) =>
  runDoctor({ VAMBE_API_KEY: API_KEY, VAMBE_CHANNEL_ID: CHANNEL, VAMBE_DATABASE_URL: url });

/** As an exchange leaves it that has been stopped. */
async function makeDatabase(url: string): Promise<string> {
  const key = new DataKey();
  const ledger = await openLedger(url, key, CHANNEL);
  await unlock(key, ledger, { apiKey: API_KEY });
  await ledger.takeOver();
  await ledger.close();
  return url;
}
const newDatabase = async () => makeDatabase(await postgres.newDatabase());
const nameIn = (url: string) => new URL(url).pathname.slice(1);

describe("PostgreSQL", () => {
  test("as it should be, with an exchange that has it open", async () => {
    const url = await postgres.newDatabase();
    await using world = await startHealthyWorld({ VAMBE_DATABASE_URL: url });
    const { shows, lines } = await world.doctor();
    shows("✓", "database", new RegExp(`^PostgreSQL at 127\\.0\\.0\\.1:${postgres.port}, of this version$`));
    shows("✓", "TLS", /none is needed: the server is on this machine/);
    shows("–", "pooler", /none is in between/);
    shows("✓", "durable", /each commit is on the disk .* \(PostgreSQL \d+/);
    shows("✓", "account", /the account's own/);
    shows("✓", "served", /an exchange has it open at present/);
    shows("✓", "writable", /committed/);
    shows("✓", "API key fits", /unlocks/);
    shows("✓", "this exchange", /has this database/);
    shows("✓", "waiting", /nothing waits/);
    expect(lines.filter(({ mark }) => "!✗".includes(mark))).toEqual([]);
  });

  test("over TLS, with a certificate that is checked", async () => {
    const url = await newDatabase();
    const root = folder.file("root.crt");
    writeFileSync(root, authority.cert);
    const known = `${url.replace("127.0.0.1", "localhost")}?sslmode=verify-full&sslrootcert=${encodeURIComponent(root)}`;
    (await doctor(known)).shows("✓", "TLS", /encrypted, and the server's certificate is checked/);
    const { shows } = await doctor(`${url.replace("127.0.0.1", "localhost")}?sslmode=verify-full`);
    shows("✗", "database", /certificate of an authority that is not known here.*sslrootcert/, /./);
    shows("–", "PostgreSQL", /see above/);
  });

  test("a password that is wrong", async () => {
    const url = Object.assign(new URL(await postgres.newDatabase()), {
      password: "wrong-password-0123",
    }).href;
    const { code, shows, text } = await doctor(url);
    expect(code).toBe(1);
    shows("✗", "database", /refuses the user or the password/, /VAMBE_DATABASE_URL \(in a password % is %25/);
    expect(text).not.toContain("wrong-password");
  });

  test("a name that is none of its databases'", async () => {
    const url = Object.assign(new URL(await postgres.newDatabase()), { pathname: "/nowhere" }).href;
    (await doctor(url)).shows("✗", "database", /has no database of the name/, /CREATE DATABASE/);
  });

  test("nobody listens", async () => {
    const url = Object.assign(new URL(await postgres.newDatabase()), { port: `${await freePort()}` }).href;
    (await doctor(url)).shows("✗", "database", /cannot be reached \(ECONNREFUSED\)/, /start PostgreSQL/);
  });

  test("it never answers", async () => {
    await using proxy = await startTcpProxy(postgres.port);
    proxy.swallow();
    const url = Object.assign(new URL(await newDatabase()), { port: `${proxy.port}` }).href;
    const { shows } = await doctor(url);
    shows("✗", "database", /does not answer in time|timeout expired/, /./);
    shows("–", "waiting", /could not be opened/);
    shows("✓", "Node.js", /is v/);
  });

  test("an empty one: nothing is made in it", async () => {
    const url = await postgres.newDatabase();
    (await doctor(url)).shows(
      "!",
      "database",
      /nothing of vambe-identity's yet/,
      /start this version's exchange/,
    );
    expect(await postgres.run(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'vambe_identity'")).toEqual(
      [],
    );
  });

  test("of a later version", async () => {
    const url = await newDatabase();
    await postgres.run(url, "INSERT INTO vambe_identity.migration (version, needs) VALUES (1000, 1000)");
    (await doctor(url)).shows("✗", "database", /written by a later version/, /./);
  });

  test("of an earlier version", async () => {
    const url = await newDatabase();
    await postgres.run(
      url,
      "DELETE FROM vambe_identity.migration WHERE version = (SELECT max(version) FROM vambe_identity.migration)",
    );
    (await doctor(url)).shows("!", "database", /of an earlier version/, /make a backup/);
  });

  test("a commit that is not waited for", async () => {
    const url = await newDatabase();
    await postgres.run(url, `ALTER DATABASE ${nameIn(url)} SET synchronous_commit = off`);
    (await doctor(url)).shows(
      "✗",
      "durable",
      /a crash would lose what was answered last/,
      /SET synchronous_commit = on/,
    );
  });

  test("that can only be read", async () => {
    const url = await newDatabase();
    await postgres.run(url, `ALTER DATABASE ${nameIn(url)} SET default_transaction_read_only = on`);
    const { shows } = await doctor(url);
    shows("✗", "durable", /can only be read: is it a standby/, /name the primary/);
    shows("✗", "writable", /can only be read/, /nobody can be identified/);
  });

  test("a server that writes nothing to the disk", async () => {
    await using careless = await startPostgres();
    const url = await makeDatabase(await careless.newDatabase());
    (await doctor(url)).shows("✗", "durable", /fsync is off/, /fsync = on/);
  });

  test("tables that somebody else may read, or owns", async () => {
    const { admin, mallory, url } = await twoAccounts(postgres);
    await makeDatabase(url);
    await postgres.run(admin, `GRANT SELECT ON vambe_identity.secret TO ${mallory}`);
    (await doctor(url)).shows("!", "account", new RegExp(`granted to ${mallory}`), /REVOKE ALL/);
    await postgres.run(admin, `ALTER SCHEMA vambe_identity OWNER TO ${mallory}`);
    (await doctor(url)).shows(
      "✗",
      "database",
      new RegExp(`SCHEMA vambe_identity belongs to ${mallory}`),
      /./,
    );
  });
});

const skipped = reasonToSkipPgBouncer();

describe.skipIf(skipped)(`behind PgBouncer${skipped ? ` (not run: ${skipped})` : ""}`, () => {
  test("in transaction mode", async () => {
    await using bouncer = await startPgBouncer(postgres);
    const { shows } = await doctor(bouncer.inFrontOf(await newDatabase()));
    shows("✓", "database", /of this version/);
    shows("✓", "pooler", /that is enough/);
  });

  test("in statement mode", async () => {
    await using bouncer = await startPgBouncer(postgres, { pool_mode: "statement" });
    const { shows } = await doctor(bouncer.inFrontOf(await newDatabase()));
    shows("✗", "database", /pooler in statement mode, which is not enough: set pool_mode = transaction/, /./);
  });

  test("that does not reach its server", async () => {
    await using bouncer = await startPgBouncer(
      { ...postgres, port: await freePort() },
      { server_login_retry: 1 },
    );
    const { shows } = await doctor(bouncer.inFrontOf(await newDatabase()));
    shows(
      "✗",
      "database",
      /pooler that does not reach its server|does not answer in time|timeout expired/,
      /./,
    );
  });
});

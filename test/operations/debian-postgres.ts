import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { reasonToSkip } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const VERSIONS = "/usr/lib/postgresql";
/** `nobody`: PostgreSQL does not run as root. */
const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const folderOfPrograms = (): string | undefined =>
  (existsSync(VERSIONS) ? readdirSync(VERSIONS) : [])
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));

/** Why what wants `pg_dump` and a server of its version is not run here. */
export const reasonToSkipDump = (): string | undefined =>
  reasonToSkip("pg_dump", "--version") ??
  (folderOfPrograms() === undefined ? "there is no PostgreSQL of the system's here" : undefined);

/** The system's own PostgreSQL, of which `pg_dump` is a part: that of another version would refuse to dump it. */
export async function startDebianPostgres() {
  const programs = folderOfPrograms() ?? "";
  const folder = temporaryFolder();
  const data = folder.file("data");
  const port = await freePort();
  mkdirSync(data, { mode: 0o700 });
  chmodSync(folder.path, 0o755);
  if (account.uid !== undefined) chownSync(data, account.uid, account.gid);
  const options = ["-D", data, "-U", "tester", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  execFileSync(join(programs, "initdb"), options, { ...account, cwd: data, stdio: "ignore" });
  const flags = ["-D", data, "-p", `${port}`, "-k", "", "-h", "127.0.0.1", "-c", "fsync=off"];
  const server = spawn(join(programs, "postgres"), flags, { ...account, cwd: data, stdio: "ignore" });
  const ended = once(server, "close");
  const url = `postgres://tester@127.0.0.1:${port}/postgres`;
  await eventually("PostgreSQL is up", async () => {
    if (server.exitCode !== null) throw new Error(`PostgreSQL has ended: ${server.exitCode}`);
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect();
    await client.end();
    return true;
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.kill("SIGINT");
      await ended;
      folder.remove();
    },
  };
}

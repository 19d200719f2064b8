import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import pg from "pg";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { PASSWORD, type RunningPostgres } from "./postgres.ts";
import { programsOfAll, reasonToSkip } from "./programs.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface RunningPgBouncer extends AsyncDisposable {
  port: number;
  /** The same database by way of the pooler. */
  inFrontOf(url: string): string;
  /** All that it has said since its start. */
  log(): string;
}

const PROGRAM = "pgbouncer";

export const reasonToSkipPgBouncer = () => reasonToSkip(PROGRAM, "--version");

/** PgBouncer on a free port in front of a server, as Debian has it. It never runs as root. */
export async function startPgBouncer(
  postgres: RunningPostgres,
  settings: Record<string, string | number> = {},
): Promise<RunningPgBouncer> {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  writeFileSync(folder.file("users.txt"), `"tester" "${PASSWORD}"\n`);
  const lines = Object.entries({
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: folder.file("users.txt"),
    pool_mode: "transaction",
    ...settings,
  }).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(
    folder.file("pgbouncer.ini"),
    `[databases]\n* = host=127.0.0.1 port=${postgres.port}\n[pgbouncer]\n${lines.join("")}`,
  );
  const account = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn(PROGRAM, [...account, folder.file("pgbouncer.ini")], {
    env: programsOfAll(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  await once(child, "spawn");
  const ended = once(child, "close");
  const log = () => said.join("");
  await eventually("PgBouncer is up", () => {
    if (child.exitCode !== null) throw new Error(`PgBouncer has not started:\n${log()}`);
    return log().includes("process up");
  });
  return {
    port,
    inFrontOf: (url) => Object.assign(new URL(url), { port: `${port}` }).href,
    log,
    [Symbol.asyncDispose]: async () => {
      // At once, whoever is connected.
      child.kill("SIGTERM");
      await ended;
      folder.remove();
    },
  };
}

/** PgBouncer writes LOG for what is as it should be, and WARNING, ERROR and FATAL for what is not. */
export const complaintsOf = (bouncer: RunningPgBouncer) =>
  bouncer
    .log()
    .split("\n")
    .filter((line) => /\b(WARNING|ERROR|FATAL|NOISE)\b|unsupported|pooler error/.test(line));

/** What a neighbour at the same PgBouncer finds in the connections that it is lent, all of them at once. */
export async function sessionsSeenBy(behind: string, count: number): Promise<Record<string, unknown>[]> {
  const neighbours = Array.from({ length: count }, () => new pg.Client({ connectionString: behind }));
  for (const neighbour of neighbours) await neighbour.connect();
  const seen: Record<string, unknown>[] = [];
  for (const neighbour of neighbours) {
    await neighbour.query("BEGIN");
    const { rows } = await neighbour.query(`
      SELECT current_setting('statement_timeout') AS statement_timeout,
        current_setting('lock_timeout') AS lock_timeout, current_setting('search_path') AS search_path,
        array(SELECT pg_listening_channels()) AS listens,
        (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
        (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS advisory`);
    seen.push(...rows);
  }
  for (const neighbour of neighbours) {
    await neighbour.query("ROLLBACK");
    await neighbour.end();
  }
  return seen;
}

/** A session in which nobody has left anything. */
export const UNTOUCHED = {
  statement_timeout: "0",
  lock_timeout: "0",
  search_path: '"$user", public',
  listens: [],
  prepared: 0,
  advisory: 0,
};

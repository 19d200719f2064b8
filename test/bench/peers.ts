import { execFileSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import { DURABLE, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { loadAll } from "./load.ts";
import { newUsers } from "./new-users.ts";
import { type Running, SECRET, startMeasured, startScript, startServer } from "./processes.ts";
import { identifyBytes } from "./requests.ts";
import { figure, head, row } from "./table.ts";
import { compare, cycle } from "./unchanged.ts";

const PEERS = fileURLToPath(new URL("peers/", import.meta.url));
const PACKAGES = ["oidc-provider@9.13.3", "graphile-worker@0.18.0"];
const USERS = 5000;
const KNOWN_USERS = 1000;

/** What a site might run in the place of an exchange, each with packages from the npm registry. */
export async function measurePeers(): Promise<void> {
  using folder = temporaryFolder();
  writeFileSync(folder.file("package.json"), '{ "private": true, "type": "module" }');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", ...PACKAGES], { cwd: folder.path });
  cpSync(PEERS, folder.path, { recursive: true });
  await using vambe = await startServer("upstream");
  await measureTokens(vambe, folder.file("oauth-server.mjs"));
  console.log();
  await measureOutboxes(vambe, folder.file("queue-outbox.mjs"));
}

/** A token for somebody who is known. */
async function measureTokens(vambe: Running, script: string): Promise<void> {
  await using bare = await startServer("bare", SECRET);
  await using exchange = await startMeasured(vambe.port);
  await using oauth = await startScript(script, SECRET);
  const requests = Array.from({ length: KNOWN_USERS }, (_, number) => identifyBytes(SECRET, number));
  await loadAll(exchange, requests.values());
  await compare([
    { name: "bare `node:http`: JSON and one HMAC", server: bare, next: cycle(requests) },
    { name: "exchange, unchanged user, proof seen before", server: exchange, next: cycle(requests) },
    {
      name: "`oidc-provider`, client credentials, tokens in memory",
      server: oauth,
      next: () => clientCredentials,
    },
  ]);
}

/** Users whom nobody knows yet: how many are stored a second, and how many have arrived at Vambe. */
async function measureOutboxes(vambe: Running, script: string): Promise<void> {
  await using postgres = await startPostgres(DURABLE);
  await using exchange = await startMeasured(vambe.port, {
    VAMBE_DATABASE_URL: await postgres.newDatabase(),
    VAMBE_MAX_RATE: "10000",
  });
  const jobs = await postgres.newDatabase();
  await using outbox = await startScript(script, SECRET, jobs, `http://127.0.0.1:${vambe.port}`);
  head(3, "new users with PostgreSQL", "identifies/s", "arrived at Vambe/s", "µs of processor");
  const contestants: [string, Running, () => Promise<boolean>][] = [
    ["exchange, answered when delivered", exchange, async () => true],
    [
      "`graphile-worker`, answered when queued",
      outbox,
      async () => (await postgres.run(jobs, "SELECT 1 FROM graphile_worker.jobs LIMIT 1")).length === 0,
    ],
  ];
  for (const [name, server, hasArrived] of contestants) {
    await loadAll(server, newUsers(0, USERS / 10));
    await eventually("all have arrived", hasArrived);
    const began = performance.now();
    const { perSecond, cpuMicros } = await loadAll(server, newUsers(USERS, USERS));
    await eventually("all have arrived", hasArrived, { withinMs: 120_000 });
    const seconds = (performance.now() - began) / 1000;
    row(name, figure(perSecond), figure(USERS / seconds), figure(cpuMicros));
  }
}

const clientCredentials = Buffer.from(
  [
    "POST /token HTTP/1.1",
    "Host: id.example.com",
    `Authorization: Basic ${Buffer.from(`site:${SECRET}`).toString("base64")}`,
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Length: 29",
    "",
    "grant_type=client_credentials",
  ].join("\r\n"),
);

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startExchange } from "../support/exchange-process.ts";
import { createPage } from "../support/page.ts";
import { signProof } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";
import { median, memoryOf } from "./load.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Between two looks at the import's memory, in milliseconds. */
const LOOK_EVERY_MS = 2000;
/** Pages that come meanwhile: so many milliseconds apart. */
const PAGE_EVERY_MS = 500;

const planOf = (row: number) => `plan-${row % 7}`;

export interface ImportedFile {
  rows: number;
  kills: number;
  seconds: number;
  calls: number;
  /** Rows of which Vambe has not got what the file says. */
  wrong: number;
  /** Of the import's process, in MB: after a tenth of the rows, and at most after that. */
  memory: { early: number; most: number };
  /** How long a page with news waits, in milliseconds, in the middle and at the 95th of a hundred: before the import, and while it runs. */
  pages: { before: [number, number]; meanwhile: [number, number] } | undefined;
}

/**
 * Imports a file, killing and resuming it at random, and holds what has arrived against the file.
 * @param isBeside whether an exchange runs and pages come to it; without one the import delivers by itself
 */
export async function importFile(
  rows: number,
  kills: number,
  { isBeside }: { isBeside: boolean },
): Promise<ImportedFile> {
  using folder = temporaryFolder();
  const arrived = new Array<string | undefined>(rows);
  let calls = 0;
  let contacts = 0;
  const vambe = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      const { external_user_id: id, custom_field_values: values } = JSON.parse(body);
      calls += 1;
      if (/^\d+$/.test(id)) {
        const row = Number(id) - 1;
        if (arrived[row] === undefined) contacts += 1;
        arrived[row] = values?.[0]?.value;
      }
      response.writeHead(201, { "content-type": "application/json" }).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(vambe, "listening");
  const { secret, environment: fresh } = freshSettings();
  const environment = {
    ...fresh,
    VAMBE_API_URL: `http://127.0.0.1:${(vambe.address() as AddressInfo).port}`,
    VAMBE_DATABASE_URL: `file:${folder.file("import.db")}`,
  };
  const file = folder.file("users.csv");
  writeRows(file, rows);
  await using stack = new AsyncDisposableStack();
  const exchange = isBeside ? stack.use(await startExchange(environment)) : undefined;
  const pages = exchange && visitAll(exchange.url, secret);
  if (pages) await sleep(40 * PAGE_EVERY_MS);
  const before = pages?.take() ?? [0, 0];

  const began = performance.now();
  const memory = { early: 0, most: 0 };
  // At random, but none so late that nothing is left to be killed.
  const killAt = Array.from({ length: kills }, () => Math.floor(Math.random() * 0.95 * rows)).sort(
    (a, b) => a - b,
  );
  for (let isResumed = false, done = false; !done; isResumed = true) {
    const child = startImport(file, environment, isResumed);
    const ended = once(child, "close");
    const looks = setInterval(
      () => {
        if (child.exitCode !== null) return;
        const now = memoryOf(child.pid ?? 0) || 0;
        if (contacts < rows / 10) memory.early = Math.max(memory.early, now);
        else memory.most = Math.max(memory.most, now);
        const [next] = killAt;
        if (next !== undefined && contacts >= next) {
          killAt.shift();
          child.kill("SIGKILL");
        }
      },
      Math.min(LOOK_EVERY_MS, rows / 100),
    );
    const [code] = await ended;
    clearInterval(looks);
    done = code !== null;
    if (done && code !== 0) throw new Error(`the import has ended with ${code}`);
  }
  const seconds = (performance.now() - began) / 1000;
  const meanwhile = (await pages?.end()) ?? [0, 0];
  vambe.close();
  vambe.closeAllConnections();
  const wrong =
    arrived.reduce<number>((sum, plan, row) => sum + (plan === planOf(row) ? 0 : 1), 0) + (rows - contacts);
  return { rows, kills, seconds, calls, wrong, memory, pages: pages && { before, meanwhile } };
}

function startImport(file: string, environment: Record<string, string>, isResumed: boolean): ChildProcess {
  const words = ["server/cli/main.ts", "import", file, ...(isResumed ? ["--resume"] : [])];
  const child = spawn(process.execPath, words, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    // Killed before it had written down anything.
    if (text.includes("nothing to resume")) throw new Error(text);
    if (process.env.VAMBE_BENCH_SAYS) process.stderr.write(text);
  });
  return child;
}

function writeRows(path: string, rows: number): void {
  const file = openSync(path, "w");
  let text = "id,name,email,plan\n";
  for (let row = 0; row < rows; row++) {
    text += `${row + 1},"Doe, Jane ${row}",user-${row}@example.com,${planOf(row)}\n`;
    if (text.length > 1_000_000) {
      writeSync(file, text);
      text = "";
    }
  }
  writeSync(file, text);
  closeSync(file);
}

/** Pages whose user brings something new, one after the other. */
function visitAll(url: string, secret: string) {
  const page = createPage(url, ORIGIN);
  let times: number[] = [];
  let isOver = false;
  let queued = 0;
  const visits = (async () => {
    for (let number = 0; !isOver; number++) {
      const id = `page-${number}`;
      const proof = signProof(secret, id, { plan: "pro" });
      const from = performance.now();
      const { status } = (await page.identify({ id }, proof)).identity();
      if (status === "delivered") times.push(performance.now() - from);
      else queued += 1;
      await sleep(PAGE_EVERY_MS);
    }
  })();
  const take = (): [number, number] => {
    const sorted = times.toSorted((a, b) => a - b);
    times = [];
    return [median(sorted), sorted[Math.floor(sorted.length * 0.95)] ?? 0];
  };
  return {
    take,
    end: async () => {
      isOver = true;
      await visits;
      if (queued > 0) throw new Error(`${queued} pages were not told in time`);
      return take();
    },
  };
}

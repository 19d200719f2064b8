import { randomBytes, randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createExchangeProcess } from "../demo/exchange.ts";
import { openPort } from "../demo/port.ts";
import { createVambeStandIn, type VambeStandIn } from "../demo/vambe/stand-in.ts";
import type { Example } from "./runner/example.ts";
import { EXAMPLES } from "./runner/examples.ts";
import { runCommand, startProcess } from "./runner/process.ts";
import { packPackage } from "./runner/tarball.ts";

const WANTED = { example: 3000, exchange: 8787, vambe: 8788 };
const ANY = { example: 0, exchange: 0, vambe: 0 };
const NEVER_COPIED = new Set(["node_modules", ".next", ".nuxt", ".output", "__pycache__"]);

export interface StartOptions {
  /** Whether each takes any free port, and not the usual one or the next free after it (default: `false`). */
  anyPort?: boolean;
  /** Whether it is started as one who works on it does, without a build, where it knows how (default: `false`). */
  toWorkOn?: boolean;
  /** The packed package (default: it is packed now, where the example installs it). */
  tarball?: string;
  /** Told what is being done, and what has gone wrong since. */
  log?: (line: string) => void;
}

export interface RunningExample extends AsyncDisposable {
  /** Of the example's pages. */
  url: string;
  exchangeUrl: string;
  /** The stand-in for Vambe: its contacts, its upserts, its faults. */
  vambe: VambeStandIn;
  /** The secret that the site's backend and the exchange share. */
  secret: string;
  /** All that the example's own process has printed. */
  output(): string;
}

/** Why an example cannot run on this machine and what to do, in sentences; `undefined` where it can. */
export function whatIsMissing(name: string): string | undefined {
  const missing = exampleNamed(name).needs.filter((program) => !program.isThere());
  if (missing.length === 0) return undefined;
  return missing.map(({ name: what, install }) => `There is no ${what} here. ${install}`).join("\n");
}

/**
 * Starts an example with all that it takes: the stand-in for Vambe, an exchange where it has none inside, and its own
 * process, in a temporary copy of its folder. Resolves when its page answers. Rejects with a sentence about what is
 * missing on this machine, or with all that a command said that failed.
 */
export async function startExample(
  name: string,
  { anyPort = false, toWorkOn = false, tarball, log = () => {} }: StartOptions = {},
): Promise<RunningExample> {
  const example = exampleNamed(name);
  const missing = whatIsMissing(name);
  if (missing) throw new Error(missing);

  await using starting = new AsyncDisposableStack();
  const temporary = mkdtempSync(join(tmpdir(), "vambe-identity-example-"));
  const remove = () => rmSync(temporary, { recursive: true, force: true });
  process.once("exit", remove);
  starting.defer(() => {
    process.off("exit", remove);
    remove();
  });
  const ports = anyPort ? ANY : WANTED;
  const port = await openPort(ports.example);
  const vambePort = await openPort(ports.vambe);
  starting.defer(vambePort.close);
  const exchangePort = example.exchangeAt === undefined ? await openPort(ports.exchange) : undefined;
  const exchangeUrl = exchangePort?.url ?? port.url + example.exchangeAt;
  // Ports are only held for the processes that take them now.
  await Promise.all([port.close(), exchangePort?.close()]);

  const apiKey = `example-${randomBytes(24).toString("hex")}`;
  const secret = randomBytes(32).toString("base64url");
  const fields = ["plan", ...(example.fields ?? [])];
  const vambe = createVambeStandIn({ apiKey, fields: fields.map((key) => ({ key })) });
  vambePort.serve(vambe.fetch);

  const backend = { VAMBE_IDENTITY_SECRET: secret, VAMBE_PUBLIC_URL: exchangeUrl };
  const exchange = {
    ...backend,
    VAMBE_API_KEY: apiKey,
    VAMBE_API_URL: vambePort.url,
    VAMBE_CHANNEL_ID: randomUUID(),
    VAMBE_ALLOWED_ORIGINS: port.url,
    VAMBE_FIELDS: fields.join(","),
    VAMBE_DATABASE_URL: `file:${join(temporary, "exchange.db")}`,
  };
  if (exchangePort) {
    const beside = createExchangeProcess({
      url: exchangeUrl,
      onDeath: log,
      environment: () => ({ ...exchange, HOST: "127.0.0.1", PORT: `${exchangePort.port}` }),
    });
    starting.defer(beside.stop);
    await beside.start();
  }

  const place = {
    folder: copyOf(name, temporary),
    port: port.port,
    url: port.url,
    environment: { ...(exchangePort ? backend : exchange), PORT: `${port.port}`, ...example.environment },
  };
  const surroundings = { cwd: place.folder, environment: place.environment };
  if (example.npm) await install(place.folder, tarball ?? (await pack(temporary, log)), log);
  const start = (toWorkOn && example.startToWorkOn) || example.start;
  for (const command of start === example.start ? (example.build ?? []) : []) {
    log(command.join(" "));
    await runCommand(command, surroundings);
  }
  if (example.prepare) starting.defer(await example.prepare(place));
  const server = startProcess(start(place), surroundings);
  starting.defer(server.stop);
  await server.answersAt(place.url);

  const started = starting.move();
  return {
    url: place.url,
    exchangeUrl,
    vambe,
    secret,
    output: server.output,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function exampleNamed(name: string): Example {
  const example = Object.hasOwn(EXAMPLES, name) ? EXAMPLES[name] : undefined;
  if (example) return example;
  throw new Error(`There is no example "${name}". There are: ${Object.keys(EXAMPLES).join(", ")}.`);
}

function copyOf(name: string, temporary: string): string {
  const folder = join(temporary, name);
  cpSync(fileURLToPath(new URL(name, import.meta.url)), folder, {
    recursive: true,
    filter: (path) => !NEVER_COPIED.has(basename(path)),
  });
  return folder;
}

function pack(temporary: string, log: (line: string) => void): Promise<string> {
  log("npm pack");
  return packPackage(join(temporary, "package"));
}

/** What the example's package.json names as `file:` lies beside it. */
async function install(folder: string, tarball: string, log: (line: string) => void): Promise<void> {
  cpSync(tarball, join(folder, basename(tarball)));
  const how = existsSync(join(folder, "package-lock.json")) ? "ci" : "install";
  log(`npm ${how}`);
  await runCommand(["npm", how, "--no-audit", "--no-fund"], { cwd: folder });
}

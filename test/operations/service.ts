import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { isSameEvent } from "./values.ts";

/** A busy machine starts a process late. */
const PATIENCE_MS = 120_000;

/** The exchange as systemd runs it: what is installed, with the settings of the file as they are at each start. */
export class Service {
  readonly #installed: string;
  readonly #settings: string;
  readonly #output: string[] = [];
  #child: ChildProcess | undefined;

  /** @param installed folder that the package is installed in @param settings path of a file */
  constructor(installed: string, settings: string) {
    this.#installed = installed;
    this.#settings = settings;
  }

  start(): void {
    if (this.#isRunning()) return;
    const program = join(this.#installed, "node_modules/vambe-identity/dist/server/cli.js");
    const child = spawn(process.execPath, [program, "serve"], {
      cwd: this.#installed,
      env: { PATH: process.env.PATH, ...readSettings(this.#settings) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => this.#output.push(text));
    this.#child = child;
  }

  /** Resolves when it has ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (!child || !this.#isRunning()) return;
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }

  /** How far its output has come. */
  get mark(): number {
    return this.#output.join("").length;
  }

  /** All that it has said since a mark. */
  output(since = 0): string {
    return this.#output.join("").slice(since);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get exitCode(): number | null | undefined {
    return this.#child?.exitCode;
  }

  /** Waits until the log has a line like this one. */
  async says(event: Record<string, unknown>, since = 0): Promise<void> {
    const isIt = (line: string) => line.startsWith("{") && isSameEvent(event, JSON.parse(line));
    const seen = () => this.output(since).split("\n").slice(0, -1).some(isIt);
    await eventually(`the log says ${JSON.stringify(event)}`, () => seen() || !this.#isRunning(), {
      withinMs: PATIENCE_MS,
    }).catch((error) => {
      throw new Error(`${error.message}, but:\n${this.output(since).slice(-3000)}`);
    });
    if (!seen()) throw new Error(`the exchange has ended:\n${this.output(since).slice(-3000)}`);
  }

  #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }
}

const readSettings = (path: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

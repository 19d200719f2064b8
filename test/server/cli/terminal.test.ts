import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isForPerson } from "../../../server/cli/is-for-person.ts";
import { terminalLine } from "../../../server/cli/terminal-line.ts";
import { createLog } from "../../../server/log.ts";
import { eventually } from "../../support/eventually.ts";
import type { Environment } from "../../support/exchange-process.ts";
import { freePort } from "../../support/free-port.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { freshSettings } from "../../support/world.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ESCAPE = "\u001b";
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]*m`, "g");

/** What `serve` has written by the time it listens: to a terminal, such as `script` makes one, or to a pipe. */
async function written(output: "terminal" | "pipe", environment: Environment = {}): Promise<string[]> {
  using folder = temporaryFolder();
  const port = await freePort();
  const pidFile = folder.file("pid");
  const command = `echo $$ > '${pidFile}'; exec '${process.execPath}' server/cli/main.ts serve`;
  const [program, args] =
    output === "terminal" ? ["script", ["-qfec", command, "/dev/null"]] : ["sh", ["-c", command]];
  const child = spawn(program, args, {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      TERM: "xterm",
      SHELL: "/bin/sh",
      ...freshSettings().environment,
      HOST: "127.0.0.1",
      PORT: `${port}`,
      ...environment,
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const closed = once(child, "close");
  try {
    await eventually("it listens", () => /\blistening\b[^\n]*\n/.test(text), { withinMs: 60_000 });
  } finally {
    // Two at once leave out the time of grace.
    for (const signal of ["SIGTERM", "SIGINT"]) process.kill(Number(readFileSync(pidFile, "utf8")), signal);
  }
  await closed;
  return text.split(/\r?\n/).filter(Boolean);
}

const plain = (line: string | undefined) => (line ?? "").replace(COLOUR, "");
const isJson = (line: string) => {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
};

describe.concurrent("the log of serve", { timeout: 120_000 }, () => {
  test("is a short coloured line an event on a terminal", async () => {
    const lines = await written("terminal", { TZ: "America/Santiago" });
    const listening = lines.find((line) => /\blistening\b/.test(line)) ?? "";
    expect(listening).toContain(ESCAPE);
    expect(plain(listening)).toMatch(
      /^\d\d:\d\d:\d\d info {2}listening url=http:\/\/127\.0\.0\.1:\d+ address=127\.0\.0\.1:\d+ version=\S+ mode=enforcing database=memory waiting=0$/,
    );
    const hour = new Date().toLocaleTimeString("en-GB", { timeZone: "America/Santiago" }).slice(0, 2);
    const [before] = new Date(Date.now() - 600_000)
      .toLocaleTimeString("en-GB", { timeZone: "America/Santiago" })
      .split(":");
    expect([hour, before]).toContain(plain(listening).slice(0, 2));
    const warning = lines.find((line) => line.includes("VAMBE_DATABASE_URL")) ?? "";
    expect(warning).toContain(`${ESCAPE}[33mwarn`);
    expect(lines.filter(isJson)).toEqual([]);
  });

  test("is JSON where nobody but a program reads it", async () => {
    const lines = await written("pipe");
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => !isJson(line))).toEqual([]);
  });

  test("is JSON on a terminal too where NO_COLOR is set, and coloured in a pipe where FORCE_COLOR is", async () => {
    const [dull, coloured] = await Promise.all([
      written("terminal", { NO_COLOR: "1" }),
      written("pipe", { FORCE_COLOR: "1" }),
    ]);
    expect(dull.some((line) => isJson(line) && JSON.parse(line).event === "listening")).toBe(true);
    expect(coloured.filter(isJson)).toEqual([]);
    expect(coloured.join("\n")).toContain(ESCAPE);
  });
});

describe("who reads it", () => {
  const terminal = { isTTY: true };
  test.each([
    [{}, terminal, true],
    [{}, {}, false],
    [{ NO_COLOR: "1" }, terminal, false],
    [{ NO_COLOR: "" }, terminal, true],
    [{ TERM: "dumb" }, terminal, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, {}, true],
    [{ FORCE_COLOR: "0" }, terminal, false],
  ])("%j, %j: a person, %j", (environment, output, expected) => {
    expect(isForPerson(environment, output)).toBe(expected);
  });
});

describe("a line for a person", () => {
  const lineOf = (origin: string, event = "refused") => {
    const lines: string[] = [];
    createLog((line) => lines.push(line), terminalLine).error(event, { status: 401, origin, cause: "a b" });
    return lines[0] ?? "";
  };

  test("has the fields in the order of the log, quoted where it could not be told where they end", () => {
    expect(plain(lineOf("https://a.example")).slice(9)).toBe(
      'error refused status=401 origin=https://a.example cause="a b"',
    );
    expect(plain(lineOf('a="b"'))).toContain('origin="a=\\"b\\""');
  });

  test("does to the terminal nothing but what we say, whatever stands in it", () => {
    for (const bad of [`${ESCAPE}[2J`, "a\r\nb", "\u202e", "\u2028", "\u0007", "\u009b31m"]) {
      for (const line of [lineOf(bad), lineOf("https://a.example", bad)]) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
        expect(plain(line)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
        expect(plain(line)).toMatch(/\\u\{/);
      }
    }
  });
});

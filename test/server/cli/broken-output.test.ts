import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { type ExchangeWithOutput, startWithOutput } from "../../support/exchange-with-output.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Logging never decides: whatever becomes of the log, identifies are answered, and a stop is one. */

const ids = (count: number) => Array.from({ length: count }, (_, number) => `user-${number}`);

async function goesOn(exchange: ExchangeWithOutput, what = ""): Promise<void> {
  for (const id of ids(5)) expect(await exchange.identify(id), what).toBe(200);
}

async function stops({ child, ended }: ExchangeWithOutput): Promise<void> {
  child.kill("SIGTERM");
  child.kill("SIGINT");
  expect(await ended).toEqual({ code: 0, signal: null });
}

/** The lines of a log that are whole. What was cut off is none. */
function wholeLines(text: string): Record<string, unknown>[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}
const told = (text: string) => wholeLines(text).filter(({ event }) => event === "log lines were lost");

describe.concurrent("identifies go on, and the exchange stops in order,", () => {
  test("when whoever reads its standard output has gone", async () => {
    await using exchange = await startWithOutput("pipe");
    exchange.child.stdout?.destroy();
    await goesOn(exchange);
    await stops(exchange);
  });

  test("behind `| head -1`", async () => {
    await using exchange = await startWithOutput("pipe", "ignore", { shell: "| head -1" });
    await goesOn(exchange);
  });

  test("when standard output and standard error have both gone", async () => {
    await using exchange = await startWithOutput("pipe", "pipe");
    exchange.child.stdout?.destroy();
    exchange.child.stderr?.destroy();
    await goesOn(exchange);
    await stops(exchange);
  });

  test.each([">&-", "2>&-", ">&- 2>&-"])("started with `%s`", async (shell) => {
    await using exchange = await startWithOutput("ignore", "ignore", { shell });
    await goesOn(exchange);
    await stops(exchange);
  });

  test.runIf(process.platform === "linux")(
    "where the disk of its log has been full from the start",
    async () => {
      const full = openSync("/dev/full", "w");
      await using exchange = await startWithOutput(full, full);
      closeSync(full);
      await goesOn(exchange);
      await stops(exchange);
    },
  );

  test("when nobody reads what it says", async () => {
    await using exchange = await startWithOutput("pipe");
    const bytes = 1_000_000;
    for (let sent = 0; sent < bytes; sent += 50 * 250) {
      const statuses = await Promise.all(ids(50).map((id) => exchange.identify(id)));
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
    await stops(exchange);
  });
});

describe("what is lost is told when there is room again:", () => {
  test.runIf(process.platform === "linux")("of a disk that was full, with the number of lines", async () => {
    using folder = temporaryFolder();
    const path = folder.file("exchange.log");
    const file = openSync(path, "a");
    await using exchange = await startWithOutput(file);
    closeSync(file);
    const limit = (bytes: string) =>
      execFileSync("prlimit", [`--fsize=${bytes}`, `--pid=${exchange.child.pid}`]);
    await goesOn(exchange);
    await eventually("all is logged", () => identified().length === 5);
    // The next line gets in to a part.
    limit(`${statSync(path).size + 100}:unlimited`);
    await goesOn(exchange);
    await goesOn(exchange);
    expect(told(readFileSync(path, "utf8"))).toEqual([]);
    limit("unlimited:unlimited");
    await eventually("it is told", () => told(readFileSync(path, "utf8")).length === 1);
    await goesOn(exchange);
    await eventually("the log goes on", () => identified().length >= 10);
    await stops(exchange);
    const [lost] = told(readFileSync(path, "utf8"));
    expect(lost).toMatchObject({ level: "warn", count: 20 - identified().length });

    function identified() {
      return wholeLines(readFileSync(path, "utf8")).filter(({ event }) => event === "identified");
    }
  });
});

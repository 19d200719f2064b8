import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startWorld } from "../support/world.ts";

const LINES = 5000;
/** What may wait for a reader. */
const MOST_HELD_BYTES = 1024 * 1024;

/** What a process has written that writes many lines and then comes to this end. */
async function written(ending: string): Promise<string[]> {
  const program = `
    import { writeLine } from ${JSON.stringify(import.meta.resolve("../../server/standard-output.ts"))};
    for (let number = 0; number < ${LINES}; number++) writeLine(String(number));
    ${ending}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(child, "close");
  expect(text.endsWith("\n")).toBe(true);
  return text.slice(0, -1).split("\n");
}

describe("all lines are written, in their order,", () => {
  const all = Array.from({ length: LINES }, (_, number) => String(number));

  test.each([
    ["by a process that has nothing more to do", ""],
    ["before it exits", "process.exit(3);"],
    ["before an error that nobody catches ends it", "throw new Error('x');"],
    ["before a rejection that nobody catches ends it", "await Promise.reject(new Error('x'));"],
  ])("%s", async (_, ending) => {
    expect(await written(ending)).toEqual(all);
  });

  test("and those that the end itself writes come last", async () => {
    const ending = `process.once("uncaughtException", () => { writeLine("last"); process.exit(1); });
      setImmediate(() => { writeLine("in another turn"); throw new Error("x"); });`;
    expect(await written(ending)).toEqual([...all, "in another turn", "last"]);
  });
});

describe("a reader that does not read", () => {
  test("costs a bounded number of bytes; what did not get through is counted, and told when it reads again", async () => {
    const lines = 200_000;
    const program = `
      import { writeSync } from "node:fs";
      import { writeLine } from ${JSON.stringify(import.meta.resolve("../../server/standard-output.ts"))};
      let number = 0;
      const turn = () => {
        for (let n = 0; n < 100; n++) writeLine(JSON.stringify({ number: number++, filler: "é".repeat(50) }));
        if (number < ${lines}) return setImmediate(turn);
        setImmediate(() => writeSync(2, String(process.stdout.writableLength)));
        setInterval(() => {}, 1000);
      };
      turn();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pause();
    const [held] = await once(child.stderr.setEncoding("utf8"), "data");
    expect(Number(held)).toBeLessThanOrEqual(MOST_HELD_BYTES);
    let text = "";
    child.stdout
      .setEncoding("utf8")
      .on("data", (chunk: string) => (text += chunk))
      .resume();
    await eventually("it is told", () => text.includes("log lines were lost") && text.endsWith("\n"));
    child.kill("SIGKILL");
    await once(child, "close");
    const written = text.trimEnd().split("\n");
    const last = JSON.parse(written.pop() ?? "");
    expect(last).toMatchObject({ level: "warn", event: "log lines were lost" });
    expect(written.length + last.count).toBe(lines);
    expect(written.map((line) => JSON.parse(line).number)).toEqual(written.map((_, number) => number));
  });
});

test("an app whose output nobody reads any more is not ended by it", async () => {
  const program = `
    import { writeLine } from ${JSON.stringify(import.meta.resolve("../../server/standard-output.ts"))};
    writeLine("first");
    process.stdin.once("data", () => {
      let turns = 0;
      const turn = () => {
        for (let n = 0; n < 10; n++) writeLine(String(n));
        if (++turns < 100) setTimeout(turn, 1);
        else process.exit(7);
      };
      turn();
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "pipe" });
  await once(child.stdout, "data");
  child.stdout.destroy();
  child.stdin.write("go");
  expect(await once(child, "exit")).toEqual([7, null]);
});

describe("each identify that was answered stands in the log", () => {
  test.each(["SIGTERM", "a crash"])("of an exchange that %s has ended", async (end) => {
    const program = fileURLToPath(new URL("../support/crash-on-request.ts", import.meta.url));
    await using world = await startWorld({ environment: { NODE_OPTIONS: `--import=${program}` } });
    const proof = world.proofFor("jane");
    await world.page.identify({ id: "jane" }, proof);
    const asked = Array.from({ length: 200 }, () => world.page.identify({ id: "jane" }, proof));
    await Promise.race(asked);
    if (end === "SIGTERM") await world.exchange.stop();
    else await world.page.send("/crash", {}).catch(() => "it hangs up");
    // Some connections are too late.
    const answers = (await Promise.allSettled(asked)).flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : [],
    );
    expect(answers.length).toBeGreaterThan(0);
    await world.exchange.stop();
    const logged = new Set(world.exchange.log().map(({ request_id }) => request_id));
    expect(answers.filter(({ headers }) => !logged.has(headers["x-request-id"]))).toEqual([]);
  });
});

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { GRACE_MS } from "../../server/cli/serve.ts";
import { STOP_MS } from "../../server/cli/stop.ts";
import { childrenOf, isThere, withoutStrace } from "../durability/strace.ts";
import { eventually } from "../support/eventually.ts";
import { startExchange } from "../support/exchange-process.ts";
import { createPage } from "../support/page.ts";
import { programsOfAll, reasonToSkip } from "../support/programs.ts";
import { signProof } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";
import { deployFile } from "./docs-file.ts";
import { milliseconds, only, readUnit } from "./unit.ts";

/** docs/deploy/vambe-identity.service, as far as it can be judged where systemd does not run: it is run by docs.test.ts. */

const text = deployFile("vambe-identity.service");
const unit = readUnit(text);
const folder = temporaryFolder();
afterAll(() => folder.remove());
const file = folder.file("vambe-identity.service");
writeFileSync(file, text);

const analyze = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", words, {
    env: programsOfAll(),
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
};

const withoutSystemd = reasonToSkip("systemd-analyze", "--version");
describe.skipIf(withoutSystemd)(withoutSystemd ? `systemd (skipped: ${withoutSystemd})` : "systemd", () => {
  test("understands every line", () => {
    expect(analyze("verify", "--man=no", file)).toEqual({ status: 0, said: "" });
  });

  test("would not be content with a line that it does not know", () => {
    const wrong = folder.file("wrong.service");
    writeFileSync(wrong, text.replace("ProtectSystem=", "ProtectSystems="));
    expect(analyze("verify", "--man=no", wrong).said).toContain("ProtectSystems");
  });

  test("counts it as well locked in: 2 of 10 at most", () => {
    expect(analyze("security", "--offline=true", "--threshold=20", file)).toMatchObject({ status: 0 });
  });

  test.skipIf(withoutStrace)(
    `lets it make every system call that it makes${withoutStrace ? ` (skipped: ${withoutStrace})` : ""}`,
    async () => {
      const { apiKey, secret, environment } = freshSettings();
      await using vambe = await startVambe({ apiKey });
      const trace = folder.file("trace");
      const settings = {
        ...environment,
        VAMBE_API_URL: vambe.url,
        VAMBE_DATABASE_URL: `file:${folder.file("exchange.db")}`,
      };
      const shell = `set -- strace -f -qq -o ${trace} "$@"`;
      await using exchange = await startExchange(settings, { shell });
      const page = createPage(exchange.url, ORIGIN);
      expect((await page.identify({ id: "ana" }, signProof(secret, "ana"))).status).toBe(200);
      const [traced = Number.NaN] = childrenOf(exchange.pid() ?? 0);
      process.kill(traced, "SIGTERM");
      await eventually("it has ended by itself", () => !isThere(exchange.pid()));
      const used = new Set(
        [...readFileSync(trace, "utf8").matchAll(/^\d+ +(\w+)\(/gm)].map(([, name = ""]) => name),
      );
      expect(used.size).toBeGreaterThan(30);
      const allowed = callsIn(only(unit, "SystemCallFilter"));
      expect([...used].filter((name) => !allowed.has(name))).toEqual([]);
      expect(allowed.has("mount")).toBe(false);
    },
  );
});

/** A set of system calls, with the sets that are in it. */
function callsIn(set: string): Set<string> {
  const { said } = analyze("syscall-filter", set);
  const entries = said
    .split("\n")
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));
  return new Set(entries.flatMap((entry) => (entry.startsWith("@") ? [...callsIn(entry)] : [entry])));
}

test("a stop has the time that the exchange takes at most", () => {
  expect(milliseconds(only(unit, "TimeoutStopSec"))).toBeGreaterThanOrEqual(GRACE_MS + STOP_MS);
  expect(only(unit, "Restart")).toBe("on-failure");
});

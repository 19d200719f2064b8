import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { createLog } from "../../../server/log.ts";
import { countSecretUse, type SecretUseCounter, secretIdOf } from "../../../server/proof/secret-use.ts";
import { dataKeyOf } from "../../support/data-key.ts";

const [NEW, OLD] = ["n".repeat(32), "o".repeat(32)];
const START = Date.parse("2026-03-01T12:00:00Z");

let ledger: SqliteLedger;
let counter: SecretUseCounter;
let logged: string[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: START });
  ledger = new SqliteLedger(":memory:", dataKeyOf("key"), "c");
  logged = [];
  counter = countSecretUse(
    ledger,
    createLog((line) => logged.push(line)),
  );
});
afterEach(async () => {
  await counter.close();
  await ledger.close();
  vi.useRealTimers();
});

test("a secret's name is the beginning of its SHA-256, as a shell can work it out", () => {
  expect(secretIdOf(NEW)).toBe(createHash("sha256").update(NEW).digest("hex").slice(0, 8));
  expect(secretIdOf(NEW)).not.toBe(secretIdOf(OLD));
});

describe("the uses of a secret", () => {
  test("are counted in memory and written every 10 seconds", async () => {
    for (let proof = 0; proof < 1000; proof++) counter.verified(NEW, undefined);
    vi.setSystemTime(START + 1000);
    counter.verified(OLD, undefined);
    expect(await ledger.secretUses()).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await ledger.secretUses()).toEqual([
      { secret: secretIdOf(OLD), kid: "", proofs: 1, lastAt: START + 1000 },
      { secret: secretIdOf(NEW), kid: "", proofs: 1000, lastAt: START },
    ]);
  });

  test("are told apart by the kid in the proof's header, where that can be shown", async () => {
    for (const kid of [
      "2026-03",
      "2026-03",
      undefined,
      "",
      42,
      null,
      "x".repeat(65),
      "\u001b[31m",
      "ñ",
      "a b",
    ])
      counter.verified(NEW, kid);
    await counter.flush();
    expect((await ledger.secretUses()).map(({ kid, proofs }) => [kid, proofs])).toEqual([
      ["", 8],
      ["2026-03", 2],
    ]);
  });

  test("under a new kid each time do not fill the memory or the database", async () => {
    for (let proof = 0; proof < 5000; proof++) counter.verified(NEW, `kid-${proof}`);
    await counter.flush();
    const uses = await ledger.secretUses();
    // A hundred by their names, and all the others as one.
    expect(uses.filter(({ kid }) => kid !== "")).toHaveLength(100);
    expect(uses.find(({ kid }) => kid === "")?.proofs).toBe(4900);
    expect(uses.reduce((sum, { proofs }) => sum + proofs, 0)).toBe(5000);
  });

  test("stay counted where they cannot be written, and are written later, once, with the last time", async () => {
    const { countSecretUses } = ledger;
    ledger.countSecretUses = async () => {
      vi.setSystemTime(START + 1000);
      counter.verified(NEW, undefined);
      throw new Error("disk full");
    };
    counter.verified(NEW, undefined);
    await counter.flush();
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: "warn",
        event: expect.stringContaining("could not be written"),
        cause: expect.stringMatching(/^Error/),
      },
    ]);
    ledger.countSecretUses = countSecretUses;
    await counter.flush();
    await counter.flush();
    expect(await ledger.secretUses()).toMatchObject([{ proofs: 2, lastAt: START + 1000 }]);
  });

  test("are not written where there are none: an exchange that nobody asks leaves its database in peace", async () => {
    const write = vi.spyOn(ledger, "countSecretUses");
    counter.verified(undefined, "kid");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(write).not.toHaveBeenCalled();
  });

  test("are written at the end", async () => {
    counter.verified(OLD, undefined);
    await counter.close();
    expect(await ledger.secretUses()).toMatchObject([{ secret: secretIdOf(OLD), proofs: 1 }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

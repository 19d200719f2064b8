import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { createLog } from "../../../server/log.ts";
import type { UseOnce } from "../../../server/proof/proof.ts";
import { useProofsOnce } from "../../../server/proof/use-once.ts";
import { dataKeyOf } from "../../support/data-key.ts";
import { outcomeOf } from "../../support/refusal.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const exp = NOW / 1000 + 60;

let ledger: SqliteLedger;
let lines: string[];
let use: UseOnce;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  ledger = new SqliteLedger(":memory:", dataKeyOf("key"), "c");
  lines = [];
  use = useProofsOnce(
    ledger,
    createLog((line) => lines.push(line)),
  );
});
afterEach(async () => {
  await ledger.close();
  vi.useRealTimers();
});

describe("a proof that has served", () => {
  test("is known as long as a clock that differs, or is put back, might still take it for good", async () => {
    expect(await outcomeOf(use({ jti: "j", exp }))).toBe("accepted");
    for (const secondsAfterExp of [0, 60, 599]) {
      vi.setSystemTime((exp + secondsAfterExp) * 1000);
      expect(await outcomeOf(use({ jti: "j", exp }))).toBe("proof-used");
    }
  });

  test("is forgotten after that: the database does not grow for ever", async () => {
    await use({ jti: "j", exp });
    vi.setSystemTime((exp + 601) * 1000);
    expect(await outcomeOf(use({ jti: "j", exp: exp + 3600 }))).toBe("accepted");
  });

  test("with an exp that has a fraction is known as long", async () => {
    expect(await outcomeOf(use({ jti: "j", exp: exp + 0.0001 }))).toBe("accepted");
    expect(await outcomeOf(use({ jti: "j", exp: exp + 0.0001 }))).toBe("proof-used");
  });

  test("is told from others by its jti and by who has made it, however these are put together", async () => {
    const uses = [
      { jti: "j" },
      { jti: "k" },
      { jti: "j", issuer: "https://one.example" },
      { jti: "j", issuer: "https://two.example" },
      { jti: "null" },
      { jti: "j", issuer: "null" },
    ];
    for (const each of uses) expect(await outcomeOf(use({ exp, ...each }))).toBe("accepted");
    for (const each of uses) expect(await outcomeOf(use({ exp, ...each }))).toBe("proof-used");
  });
});

test.each([undefined, ""])("a proof with a jti of %j is refused, and the claim is named", async (jti) => {
  await expect(use({ jti, exp })).rejects.toMatchObject({ slug: "proof-claims", errors: [{ field: "jti" }] });
  expect(await outcomeOf(use({ jti, exp }))).toBe("proof-claims");
});

test("a use that cannot be stored lets nobody in, and the log says so without the proof", async () => {
  ledger.useOnce = () => Promise.reject(new Error("disk full"));
  const used = use({ jti: "secret-jti", exp });
  await expect(used).rejects.toMatchObject({
    slug: "storage-unavailable",
    message: "The exchange cannot write its database.",
    headers: { "retry-after": "5" },
  });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      level: "error",
      event: "the use of a proof could not be stored, and the proof was refused",
      cause: expect.stringMatching(/^Error/),
    },
  ]);
  expect(lines.join()).not.toContain("secret-jti");
});

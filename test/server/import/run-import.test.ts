import { expect, onTestFinished, test } from "vitest";
import type { Carrier } from "../../../server/import/carrier.ts";
import { Failures } from "../../../server/import/failures.ts";
import type { InputRow } from "../../../server/import/rows.ts";
import { runImport } from "../../../server/import/run-import.ts";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ROWS = 3000;

/**
 * Rows that Vambe has already, at one call a second.
 * @param end of the file, after them
 * @param bad so many of the first it does not have, and they fail time and again
 */
async function importKnown({ end = () => {}, bad = 0 }: { end?: () => void; bad?: number } = {}) {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const ledger: Pick<Ledger, "recordAll" | "standingOf"> = {
    recordAll: async (claims) =>
      claims.map(({ userId }) =>
        Number(userId) > bad ? { outcome: "unchanged", withheld: [] } : { outcome: "changed", generation: 1 },
      ),
    standingOf: async (users) =>
      users.map((user) => ({
        ...user,
        state: "pending",
        attempts: 9,
        lastError: "failed (500)",
        traits: [],
      })),
  };
  const carrier: Carrier = {
    ledger: ledger as Ledger,
    isBeside: true,
    recorded: () => {},
    look: async () => {},
    close: async () => {},
  };
  async function* rows(): AsyncGenerator<InputRow, void> {
    for (let line = 1; line <= ROWS; line++) yield { line, values: { id: line }, cells: [] };
    end();
  }
  const counts = { sent: 0, known: 0, failed: 0, waiting: 0 };
  let reached = 0;
  const imported = runImport({
    rows: rows(),
    judge: {
      target: { channelId: "channel", fields: {} },
      onWhatsappOnly: false,
      traitOf: new Map(),
      takesOthers: true,
      asOf: 0,
    },
    carrier,
    failures: new Failures(folder.file("failed.csv"), undefined, 0),
    maxRate: 1,
    skip: 0,
    counts,
    stopping: new AbortController().signal,
    reached: (rows) => (reached = rows),
  });
  return { imported, counts, reached: () => reached };
}

test("rows that Vambe has already do not keep to the pace of those that are sent", async () => {
  const began = performance.now();
  const { imported, counts } = await importKnown();
  expect(await imported).toMatchObject({ rows: ROWS, isWhole: true });
  expect(counts.known).toBe(ROWS);
  expect(performance.now() - began).toBeLessThan(4000);
});

test("what is counted where it breaks off is what --resume leaves out", async () => {
  const { imported, counts, reached } = await importKnown({
    end: () => {
      throw new Error("the file cannot be read");
    },
  });
  await expect(imported).rejects.toThrow("cannot be read");
  expect(reached()).toBe(counts.known);
  expect(reached()).toBeGreaterThan(0);
});

test("as many rows that fail time and again as may be under way do not hold up the others for ever", async () => {
  const { imported, counts } = await importKnown({ bad: 100 });
  expect(await imported).toMatchObject({ rows: ROWS, isWhole: true });
  expect(counts).toEqual({ sent: 0, known: ROWS - 100, failed: 0, waiting: 100 });
});

import { expect, onTestFinished, test } from "vitest";
import type { Carrier } from "../../../server/import/carrier.ts";
import { Failures } from "../../../server/import/failures.ts";
import type { InputRow } from "../../../server/import/rows.ts";
import { runImport } from "../../../server/import/run-import.ts";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ROWS = 3000;

test("rows that Vambe has already do not keep to the pace of those that are sent", async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const ledger: Pick<Ledger, "recordAll" | "standingOf"> = {
    recordAll: async (claims) => claims.map(() => ({ outcome: "unchanged", withheld: [] })),
    standingOf: async () => [],
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
  }
  const counts = { sent: 0, known: 0, failed: 0, waiting: 0 };
  const began = performance.now();
  const imported = await runImport({
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
    reached: () => {},
  });
  expect(imported).toMatchObject({ rows: ROWS, isWhole: true });
  expect(counts.known).toBe(ROWS);
  expect(performance.now() - began).toBeLessThan(4000);
});

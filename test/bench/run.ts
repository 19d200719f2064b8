/**
 * `npm run bench`: what the exchange costs beside what one would write instead. All on this machine, by loopback,
 * in turns, so that what else the machine does falls on all alike. Read the ratios: the figures are this machine's.
 * `npm run bench -- requests` (or `users`, `rows`, `starts`, `memory`) runs a part, `-- users --beside <folder>` holds a built checkout of
 * another version against this one. `-- import 1000000`, the import of so many rows, and `-- peers`, what others have published, are
 * no part of the whole. PostgreSQL is a server of its own, on the same disk,
 * that waits for the disk as it does out of the box.
 */
import { type ImportedFile, importFile } from "./import-file.ts";
import { timeLedger } from "./ledger-rows.ts";
import { measureMemory } from "./memory.ts";
import { measureNewUsers } from "./new-users.ts";
import { measurePeers } from "./peers.ts";
import { timeStarts } from "./starts.ts";
import { figure, head, row } from "./table.ts";
import { measureUnchanged } from "./unchanged.ts";

/** What each step of the ledger takes as it grows. */
async function measureRows(): Promise<void> {
  head(7, "ledger rows", "of them waiting", "unchanged", "record", "take next", "settle", "oldest");
  for (const [rows, waiting] of [
    [1, 0],
    [1000, 0],
    [100_000, 0],
    [1_000_000, 0],
    [1_000_000, 10_000],
    [1_000_000, 100_000],
  ] as const) {
    const { unchanged, record, takeNext, settle, oldest } = await timeLedger(rows, waiting);
    const micros = [unchanged, record, takeNext, settle, oldest].map((value) => `${figure(value)} µs`);
    row(figure(rows), figure(waiting), ...micros);
  }
}

/** From nothing to taking requests. */
async function measureStarts(): Promise<void> {
  head(2, "start", "ms", "ratio");
  for (const { name, ms, ratio } of await timeStarts()) row(name, figure(ms), figure(ratio, 1));
}

/** An import, killed and resumed ten times: of all rows alone, and of some beside an exchange that pages come to. */
async function measureImport(): Promise<void> {
  const rows = Number(process.argv[3] ?? 100_000);
  head(
    7,
    "import",
    "rows",
    "kills",
    "rows/s",
    "calls",
    "wrong or missing",
    "memory after a tenth, MB",
    "at most after that",
  );
  const report = (name: string, { rows, kills, seconds, calls, wrong, memory }: ImportedFile) =>
    row(
      name,
      figure(rows),
      figure(kills),
      figure(rows / seconds),
      figure(calls),
      figure(wrong),
      figure(memory.early),
      figure(memory.most),
    );
  const beside = await importFile(Math.min(rows, 50_000), 10, { isBeside: true });
  report("beside an exchange", beside);
  report("alone", await importFile(rows, 10, { isBeside: false }));
  console.log();
  head(2, "a page with news", "median, ms", "95th of 100, ms");
  for (const [name, [middle, late]] of Object.entries(beside.pages ?? {}))
    row(name === "before" ? "before the import" : "while it runs", figure(middle), figure(late));
}

const PARTS: Record<string, () => Promise<void>> = {
  requests: measureUnchanged,
  users: () => measureNewUsers(beside),
  rows: measureRows,
  starts: measureStarts,
  memory: measureMemory,
};
/** Only where they are asked for. */
const LONG: typeof PARTS = { import: measureImport, peers: measurePeers };
const besideAt = process.argv.indexOf("--beside");
const beside = besideAt < 0 ? undefined : process.argv[besideAt + 1];
const asked = process.argv.slice(2, besideAt < 0 ? undefined : besideAt);
for (const [name, measure] of Object.entries({ ...PARTS, ...LONG })) {
  if (asked.length > 0 ? !asked.includes(name) : name in LONG) continue;
  await measure();
  console.log();
}

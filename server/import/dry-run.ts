import type { Ledger } from "../ledger/contract/ledger.ts";
import type { Claim } from "../ledger/row.ts";
import { type JudgeOptions, judgeRow } from "./claims-of-row.ts";
import { Nowhere } from "./nowhere.ts";
import type { InputRow } from "./rows.ts";

/** Claims that are looked up together. */
const BATCH = 500;
/** Of so many rows for each reason it is said where they are. */
const LINES = 3;
/** So many reasons are told apart: some have numbers in them, of which each row may have another. */
const REASONS = 100;

export interface Foreseen {
  rows: number;
  /** Calls to Vambe. */
  calls: number;
  /** Rows of which Vambe has all. */
  known: number;
  /** Why rows are refused, or something of them is left out → how many, and the first lines. */
  reasons: Map<string, { rows: number; lines: number[] }>;
  refused: number;
  /** Names in the rows that VAMBE_FIELDS does not list. */
  nowhere: string[];
}

/** What an import would do, and nothing is done. @param ledger left out where there is no database yet: nobody is known then */
export async function foresee(
  rows: AsyncIterable<InputRow>,
  judge: JudgeOptions,
  ledger: Ledger | undefined,
): Promise<Foreseen> {
  const seen: Foreseen = { rows: 0, calls: 0, known: 0, reasons: new Map(), refused: 0, nowhere: [] };
  const nowhere = new Nowhere();
  const note = (line: number, said: string) => {
    const isOneMore = seen.reasons.size >= REASONS && !seen.reasons.has(said);
    const reason = isOneMore ? "something else" : said;
    const known = seen.reasons.get(reason) ?? { rows: 0, lines: [] };
    seen.reasons.set(reason, known);
    known.rows += 1;
    if (known.lines.length < LINES) known.lines.push(line);
  };
  let batch: Claim[][] = [];
  const flush = async () => {
    const claims = batch.flat();
    const outcomes = ledger
      ? (await ledger.foresee(claims, Date.now())).map(({ outcome }) => outcome)
      : claims.map(() => "changed" as const);
    let at = 0;
    for (const own of batch) {
      const calls = outcomes.slice(at, at + own.length).filter((outcome) => outcome !== "unchanged").length;
      at += own.length;
      seen.calls += calls;
      if (calls === 0) seen.known += 1;
    }
    batch = [];
  };
  for await (const row of rows) {
    seen.rows += 1;
    const judged = judgeRow(row, judge);
    if ("refused" in judged) {
      seen.refused += 1;
      note(row.line, judged.refused);
      continue;
    }
    for (const reason of judged.leftOut) note(row.line, `${reason}: left out, and the rest is sent`);
    nowhere.add(judged.nowhere);
    batch.push(judged.claims);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return { ...seen, nowhere: nowhere.names };
}

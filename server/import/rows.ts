import { CsvError, type Info, parse } from "csv-parse";
import { isObject } from "../is-object.ts";
import { UnfitInput } from "./columns.ts";

/** A row as it stands in the file. */
export interface InputRow {
  /** Where it begins, from 1. */
  line: number;
  /** What the file has for each column. */
  values: Readonly<Record<string, unknown>>;
  /** Why it has none. */
  mistake?: string;
  /** As it is written into the file of failures. */
  cells: readonly string[];
}

type Read = Pick<InputRow, "values" | "mistake">;

export interface Input {
  /** The columns of a CSV file; a file of JSON Lines has none. */
  columns: string[] | undefined;
  rows: AsyncIterable<InputRow>;
}

/** A row is at most so long, in characters: a quote that is not closed must not take in the rest of the file. */
const LONGEST_ROW = 1024 * 1024;

/**
 * Reads CSV with a header, or JSON Lines, whichever it is, as it comes: nothing is held but the row at hand.
 * @param bytes UTF-8, with or without a byte order mark
 * @throws {UnfitInput} where it is neither
 */
export async function readInput(bytes: AsyncIterable<Uint8Array>): Promise<Input> {
  const text = decoded(bytes);
  const first = await text.next();
  const start = first.done ? "" : first.value;
  if (start.trim() === "") throw new UnfitInput("is empty");
  const all = prefixed(start, text);
  if (/^\s*[{[]/.test(start)) return { columns: undefined, rows: jsonLines(all) };
  return csv(all, delimiterOf(start));
}

/** The first piece has a whole line at least, where there is one. */
async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let start: string | undefined = "";
  try {
    for await (const chunk of bytes) {
      const piece: string = (start ?? "") + decoder.decode(chunk, { stream: true });
      if (start !== undefined && !piece.trim().includes("\n") && piece.length < LONGEST_ROW) start = piece;
      else {
        start = undefined;
        yield piece;
      }
    }
    yield (start ?? "") + decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UnfitInput("is not UTF-8: save it as UTF-8 (in Excel: “CSV UTF-8”)");
  }
}

async function* prefixed(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield first;
  yield* rest;
}

/** Spreadsheets separate by what the country does not need for numbers. */
function delimiterOf(start: string): string {
  const [header = ""] = start.trimStart().split(/\r?\n/);
  const outside = header.replace(/"[^"]*"/g, "");
  const count = (delimiter: string) => outside.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

async function csv(text: AsyncIterable<string>, delimiter: string): Promise<Input> {
  const parser = parse({
    delimiter,
    // Where files were put together, all of them.
    record_delimiter: ["\r\n", "\n", "\r"],
    info: true,
    relax_column_count: true,
    // A cell such as 5" pipe.
    relax_quotes: true,
    max_record_size: LONGEST_ROW,
  });
  void feed(parser, text);
  const records = parser[Symbol.asyncIterator]() as AsyncIterator<{ info: Info; record: string[] }>;
  let line = 1;
  /** Past lines that are empty, which count all the same. */
  const next = async (): Promise<{ line: number; record: string[] } | undefined> => {
    try {
      for (;;) {
        const { done, value } = await records.next();
        if (done) return undefined;
        const at = line;
        line = value.info.lines + 1;
        if (value.record.join("") !== "" || value.record.length > 1)
          return { line: at, record: value.record };
      }
    } catch (error) {
      throw asUnfit(error);
    }
  };
  const columns = (await next())?.record.map((name) => name.trim()) ?? [];
  async function* rows(): AsyncGenerator<InputRow, void> {
    for (let row = await next(); row; row = await next())
      yield { line: row.line, ...named(row.record, columns), cells: row.record };
  }
  return { columns, rows: rows() };
}

/** What cannot be read is an error of the parser, which whoever reads its rows gets. */
async function feed(parser: ReturnType<typeof parse>, text: AsyncIterable<string>): Promise<void> {
  try {
    for await (const piece of text)
      if (!parser.write(piece)) await new Promise((resolve) => parser.once("drain", resolve));
    parser.end();
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** The parser's own words may quote the file. */
function asUnfit(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const { code, lines } = error;
  const at = typeof lines === "number" ? ` near line ${lines}` : "";
  return new UnfitInput(
    `is no CSV${at} (${code}): look for a quote (") that is not closed, or that is not doubled inside of a cell`,
  );
}

function named(record: string[], columns: readonly string[]): Read {
  if (record.length !== columns.length)
    return { values: {}, mistake: `has ${record.length} cells, and the header has ${columns.length}` };
  // An empty cell says nothing.
  const given = columns.flatMap((name, at) => (record[at]?.trim() ? [[name, record[at]] as const] : []));
  return { values: Object.fromEntries(given) };
}

async function* jsonLines(text: AsyncIterable<string>): AsyncGenerator<InputRow, void> {
  let rest = "";
  let line = 0;
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const one of lines) {
      line += 1;
      if (one.trim() !== "") yield { line, ...object(one), cells: [one.trim()] };
    }
    if (rest.length > LONGEST_ROW)
      throw new UnfitInput(
        `has a line of more than ${LONGEST_ROW} characters after line ${line}: JSON Lines has one object a line`,
      );
  }
  if (rest.trim() !== "") yield { line: line + 1, ...object(rest), cells: [rest.trim()] };
}

function object(line: string): Read {
  try {
    const value: unknown = JSON.parse(line);
    if (isObject(value)) return { values: value };
  } catch {}
  return { values: {}, mistake: "is no JSON object on a line of its own" };
}

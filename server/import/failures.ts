import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";

/** The column that has the reason. */
const ERROR = "error";

/** The rows that did not go, or not whole, as CSV: as they stand in the file, with the reason in a column more. */
export class Failures {
  readonly path: string;
  readonly #header: readonly string[];
  #file: number | undefined;
  #bytes: number;
  #isMine: boolean;

  /**
   * @param header of the file that is read; JSON Lines has one column, `row`
   * @param bytes how much of an earlier part of the same import counts: what comes after is written anew
   */
  constructor(path: string, header: readonly string[] | undefined, bytes: number) {
    this.path = path;
    this.#header = header ?? ["row"];
    this.#bytes = bytes;
    this.#isMine = bytes > 0;
  }

  /** How long the file is. */
  get bytes(): number {
    return this.#bytes;
  }

  add(line: number, cells: readonly string[], reason: string): void {
    const file = this.#open();
    this.#write(file, [...this.#own(cells), `line ${line}: ${reason}`]);
  }

  /** What has been added is on the disk. */
  flush(): void {
    if (this.#file !== undefined) fsyncSync(this.#file);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** It is made with the first row. Those in it are customers, so it is its owner's alone. */
  #open(): number {
    if (this.#file !== undefined) return this.#file;
    // Who has mended those of the earlier part has perhaps deleted them.
    const there = this.#isMine ? (statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) : 0;
    this.#bytes = Math.min(this.#bytes, there);
    this.#file = openSync(this.path, there > 0 ? "r+" : "w", 0o600);
    if (there > 0) ftruncateSync(this.#file, this.#bytes);
    else this.#write(this.#file, [...this.#own(this.#header), ERROR]);
    this.#isMine = true;
    return this.#file;
  }

  /** As many as there are columns. The reason of an import before is none of them. */
  #own(cells: readonly string[]): string[] {
    return this.#header.flatMap((name, at) => (name === ERROR ? [] : [cells[at] ?? ""]));
  }

  #write(file: number, cells: readonly string[]): void {
    const line = Buffer.from(`${cells.map(quoted).join(",")}\n`);
    // A disk that is nearly full takes a part.
    for (let at = 0; at < line.length; ) at += writeSync(file, line, at, line.length - at, this.#bytes + at);
    this.#bytes += line.length;
  }
}

/** RFC 4180. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

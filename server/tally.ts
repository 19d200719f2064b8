const WRITE_EVERY_MS = 10_000;

export interface TallyParts<Entry> {
  /** Entries of one name are one. */
  nameOf(entry: Entry): string;
  /** Puts more of the same to what has been counted. */
  add(counted: Entry, more: Entry): void;
  /** Is told of what could not be written, to count it again. */
  failed(error: unknown, entries: readonly Entry[]): void;
}

/** Counts in memory, and writes what has been counted every ten seconds. */
export class Tally<Entry extends object> {
  readonly #parts: TallyParts<Entry>;
  #counted = new Map<string, Entry>();
  #write: ((entries: readonly Entry[]) => Promise<void>) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: TallyParts<Entry>) {
    this.#parts = parts;
  }

  count(entry: Entry): void {
    const name = this.#parts.nameOf(entry);
    const before = this.#counted.get(name);
    if (before) this.#parts.add(before, entry);
    else this.#counted.set(name, { ...entry });
  }

  /** From now on it is written, by this. */
  writeBy(write: (entries: readonly Entry[]) => Promise<void>): void {
    this.#write = write;
    this.#timer ??= setInterval(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  /** Writes what has been counted since the last time. Never rejects: what cannot be written is told of. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeCounted());
    return this.#writing;
  }

  /** Flushes once more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.flush();
    this.#write = undefined;
  }

  async #writeCounted(): Promise<void> {
    if (!this.#write || this.#counted.size === 0) return;
    const entries = [...this.#counted.values()];
    this.#counted = new Map();
    try {
      await this.#write(entries);
    } catch (error) {
      this.#parts.failed(error, entries);
    }
  }
}

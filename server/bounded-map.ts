interface Entry<Value> {
  value: Value;
  size: number;
}

/** After so many changes without one that made room, the place of the oldest is looked for anew. */
const STALE_AFTER = 1000;

/** A map with a bound: where it is reached, what has been neither set nor read for the longest goes first. */
export class BoundedMap<Value> {
  /** In the order in which they were set or read last, as a `Map` keeps it. */
  readonly #entries = new Map<string, Entry<Value>>();
  /**
   * Goes through all of them once: where it stands is the oldest. From the start it would pass all that have gone. It is let go
   * of where it stands still: a `Map` keeps each table that it has had, with all in it, for as long as somebody is in it.
   */
  #oldest: MapIterator<string> | undefined;
  /** Changes since it was moved. */
  #changes = 0;
  readonly #most: number;
  #size = 0;

  /** @param most the bound of all sizes together, which is one of entries where `set` is told no sizes */
  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Of all entries together. */
  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#hasChanged();
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** The same without counting as read. */
  peek(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** One that is larger than the bound is not kept, nor what the key had before. */
  set(key: string, value: Value, size = 1): void {
    this.delete(key);
    if (size > this.#most) return;
    this.#entries.set(key, { value, size });
    this.#size += size;
    while (this.#size > this.#most) {
      this.#oldest ??= this.#entries.keys();
      this.#changes = 0;
      this.delete(this.#oldest.next().value ?? key);
    }
  }

  delete(key: string): void {
    this.#size -= this.#entries.get(key)?.size ?? 0;
    if (this.#entries.delete(key)) this.#hasChanged();
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
    this.#oldest = undefined;
  }

  #hasChanged(): void {
    this.#changes += 1;
    if (this.#changes > STALE_AFTER) this.#oldest = undefined;
  }

  /** The newest first, as `keys` and `values` too. */
  entries(): [key: string, value: Value][] {
    return Array.from(this.#entries, ([key, { value }]): [string, Value] => [key, value]).reverse();
  }

  keys(): string[] {
    return this.entries().map(([key]) => key);
  }

  values(): Value[] {
    return this.entries().map(([, value]) => value);
  }
}

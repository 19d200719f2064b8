/** So many names are told. */
const MOST = 20;
/** So much of each, in characters. */
const LONGEST = 64;

/** Names in JSON Lines that go nowhere: each row may have others, and there is no header that says so before. */
export class Nowhere {
  readonly #names = new Set<string>();

  add(names: readonly string[]): void {
    for (const name of names) if (this.#names.size < MOST) this.#names.add(name.slice(0, LONGEST));
  }

  get names(): string[] {
    return [...this.#names];
  }
}

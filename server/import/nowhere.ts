/** So many names are told. */
const MOST = 20;

/** Names in JSON Lines that go nowhere: each row may have others, and there is no header that says so before. */
export class Nowhere {
  readonly #names = new Set<string>();

  add(names: readonly string[]): void {
    for (const name of names) if (this.#names.size < MOST) this.#names.add(name);
  }

  get names(): string[] {
    return [...this.#names];
  }
}

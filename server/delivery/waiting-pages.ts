import { nameOf, type UserKey } from "../ledger/user-key.ts";

/** What a page learns of its delivery. `withheld`: traits whose custom field does not exist at Vambe. */
export type Receipt =
  | { status: "delivered"; withheld: string[] }
  | { status: "queued" }
  | { status: "rejected" };

const NOBODY: ReadonlySet<string> = new Set();

interface Page {
  generation: number;
  settle: (receipt: Receipt) => void;
}

/** The page requests that wait for a delivery, by user, in the order in which their users came. */
export class WaitingPages {
  readonly #pages = new Map<string, { key: UserKey; pages: Set<Page> }>();
  readonly #turns: UserKey[] = [];

  /** Resolves with what becomes of `generation`; after `patienceMs` with `queued`. */
  wait(key: UserKey, generation: number, patienceMs: number): Promise<Receipt> {
    return new Promise((resolve) => {
      const name = nameOf(key);
      const waiting = this.#pages.get(name) ?? { key, pages: new Set() };
      this.#pages.set(name, waiting);
      const timer = setTimeout(() => page.settle({ status: "queued" }), patienceMs);
      const page: Page = {
        generation,
        settle: (receipt) => {
          clearTimeout(timer);
          waiting.pages.delete(page);
          if (waiting.pages.size === 0 && this.#pages.get(name) === waiting) this.#pages.delete(name);
          resolve(receipt);
        },
      };
      waiting.pages.add(page);
      this.#turns.push(key);
    });
  }

  get empty(): boolean {
    return this.#turns.length === 0;
  }

  /**
   * Whose turn it is: the user who has waited the longest and still has a page waiting.
   * @param except users whose turn it is not yet, by `nameOf`
   */
  nextTurn(except: ReadonlySet<string> = NOBODY): UserKey | undefined {
    const isWaiting = (key: UserKey) => this.#pages.has(nameOf(key));
    const at = this.#turns.findIndex((key) => isWaiting(key) && !except.has(nameOf(key)));
    const passed = this.#turns.splice(0, at < 0 ? this.#turns.length : at + 1);
    const next = at < 0 ? undefined : passed.pop();
    this.#turns.unshift(...passed.filter(isWaiting));
    return next;
  }

  /** Tells a user's pages. Those that wait for something newer than `upTo` get another turn instead. */
  tell(key: UserKey, receipt: Receipt, upTo = Number.POSITIVE_INFINITY): void {
    const waiting = this.#pages.get(nameOf(key));
    if (!waiting) return;
    for (const page of [...waiting.pages]) if (page.generation <= upTo) page.settle(receipt);
    if (waiting.pages.size > 0) this.#turns.push(key);
  }

  /** Tells all pages of these users, by `nameOf`. */
  tellThese(names: Iterable<string>, receipt: Receipt): void {
    for (const name of names) {
      const waiting = this.#pages.get(name);
      if (waiting) this.tell(waiting.key, receipt);
    }
  }

  tellAll(receipt: Receipt): void {
    this.#turns.length = 0;
    for (const { key } of [...this.#pages.values()]) this.tell(key, receipt);
  }
}

import { nameOf, type UserKey } from "../ledger/user-key.ts";
import type { ExpectedDuration } from "./expected-duration.ts";

/** What a page learns of its delivery. `withheld`: traits that Vambe does not take; `refused`: those of them whose value it is. */
export type Receipt =
  | { status: "delivered"; withheld: string[]; refused: string[] }
  | { status: "queued" }
  | { status: "rejected" };

const NOBODY: ReadonlySet<string> = new Set();

interface Page {
  generation: number;
  patience: Patience;
  settle: (receipt: Receipt) => void;
}

/** How long a page waits, in milliseconds, and until when, by a clock that never jumps. */
interface Patience {
  ms: number;
  until: number;
}

interface Turn {
  key: UserKey;
  patience: Patience;
  isNew: boolean;
}

/**
 * The page requests that wait for a delivery, by user. They have their turns in the order in which they came, as long as
 * that goes well; where more come than there are turns, so that one has waited for half of the time that there is, the
 * newest goes first: whoever was served after a long wait would have given up before the answer. Who can no longer be
 * told in time has no turn, and is delivered with the backlog. Those that bring nothing new come after those that do: the
 * pages that ask after a queued contact when an outage is over are many, and the exchange has their users already.
 */
export class WaitingPages {
  readonly #pages = new Map<string, { key: UserKey; pages: Set<Page> }>();
  /** In the order in which they came. */
  readonly #turns: Turn[] = [];
  readonly #expected: Pick<ExpectedDuration, "ms">;

  /** @param expected how long a delivery takes, from its turn on */
  constructor(expected: Pick<ExpectedDuration, "ms">) {
    this.#expected = expected;
  }

  /**
   * Resolves with what becomes of `generation`; after `patienceMs` with `queued`.
   * @param isNew whether the page has brought something new
   */
  wait(key: UserKey, generation: number, patienceMs: number, isNew = true): Promise<Receipt> {
    return new Promise((resolve) => {
      const name = nameOf(key);
      const waiting = this.#pages.get(name) ?? { key, pages: new Set() };
      this.#pages.set(name, waiting);
      const patience = { ms: patienceMs, until: performance.now() + patienceMs };
      const timer = setTimeout(() => page.settle({ status: "queued" }), patienceMs);
      const page: Page = {
        generation,
        patience,
        settle: (receipt) => {
          clearTimeout(timer);
          waiting.pages.delete(page);
          if (waiting.pages.size === 0 && this.#pages.get(name) === waiting) this.#pages.delete(name);
          resolve(receipt);
        },
      };
      waiting.pages.add(page);
      this.#turns.push({ key, patience, isNew });
    });
  }

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const { pages } of this.#pages.values()) size += pages.size;
    return size;
  }

  /** How many turns those wait for who can still be told in time, counted up to `most`. */
  turns(most: number): number {
    const now = performance.now();
    let count = 0;
    for (const turn of this.#turns) {
      if (count >= most) break;
      if (this.#isInTime(turn, now)) count += 1;
    }
    return count;
  }

  /** Whether nobody waits who can still be told in time. */
  get empty(): boolean {
    return this.turns(1) === 0;
  }

  /**
   * Whose turn it is, of those who can still be told in time.
   * @param except users whose turn it is not yet, by `nameOf`
   */
  nextTurn(except: ReadonlySet<string> = NOBODY): UserKey | undefined {
    const now = performance.now();
    const first = this.#turns.findIndex((turn) => this.#isInTime(turn, now));
    this.#turns.splice(0, first < 0 ? this.#turns.length : first);
    for (const isNew of [true, false]) {
      const mayGo = (turn: Turn) =>
        turn.isNew === isNew && this.#isInTime(turn, now) && !except.has(nameOf(turn.key));
      const at = this.#areTooMany(isNew, now)
        ? this.#turns.findLastIndex(mayGo)
        : this.#turns.findIndex(mayGo);
      if (at >= 0) return this.#turns.splice(at, 1)[0]?.key;
    }
    return undefined;
  }

  #isInTime({ key, patience }: Turn, now: number): boolean {
    return this.#pages.has(nameOf(key)) && patience.until - now > this.#needed(patience);
  }

  /** What is left of a page's patience when its turn comes, at the least. Some that took very long take nobody's turn away. */
  #needed({ ms }: Patience): number {
    return Math.min(this.#expected.ms, ms / 2);
  }

  /** By the one who has waited the longest of those who are in time. */
  #areTooMany(isNew: boolean, now: number): boolean {
    const first = this.#turns.find((turn) => turn.isNew === isNew && this.#isInTime(turn, now));
    if (!first) return false;
    const { ms, until } = first.patience;
    const needed = this.#needed(first.patience);
    return until - now - needed < (ms - needed) / 2;
  }

  /** Tells a user's pages. Those that wait for something newer than `upTo` get another turn instead. */
  tell(key: UserKey, receipt: Receipt, upTo = Number.POSITIVE_INFINITY): void {
    const waiting = this.#pages.get(nameOf(key));
    if (!waiting) return;
    for (const page of [...waiting.pages]) if (page.generation <= upTo) page.settle(receipt);
    const [first] = waiting.pages;
    if (first) this.#turns.push({ key, patience: first.patience, isNew: true });
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

import { backoffWithFloor } from "./backoff.ts";

/** Between two attempts, in milliseconds. */
const AGAIN = { base: 1000, cap: 5000 };

/** There is nothing open now. `cause` is why the last attempt failed. */
export class NotOpen extends Error {}

interface How<T> {
  open(): Promise<T>;
  /** Told of each attempt that has failed. */
  failed(error: unknown): void;
  /** Told when an attempt has succeeded after others had failed. */
  recovered(): void;
  triesAgain: boolean;
}

/** Something that is opened at once and, where that fails, tried again: a database may come later than who wants it. */
export class Opening<T> {
  /** Settles as the first attempt does. */
  readonly first: Promise<void>;
  readonly #how: How<T>;
  #opened: T | undefined;
  #attempt: Promise<T> | undefined;
  #failures = 0;
  #failure: unknown;
  #nextAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(how: How<T>) {
    this.#how = how;
    const first = this.#try();
    this.first = first.then(() => {});
    this.first.catch(() => {});
  }

  /** What is open, if it is. */
  get opened(): T | undefined {
    return this.#opened;
  }

  /** Waits for an attempt that is under way, or due. @throws {NotOpen} */
  async whenOpen(): Promise<T> {
    const attempt = this.#attempt ?? (this.#isDue() ? this.#try() : undefined);
    const opened = await attempt?.catch(() => undefined);
    if (opened !== undefined) return opened;
    throw new NotOpen("not open", { cause: this.#failure });
  }

  /** Tries no more. Resolves with what is open after all. */
  async close(): Promise<T | undefined> {
    this.#closed = true;
    clearTimeout(this.#timer);
    return this.#attempt?.catch(() => undefined);
  }

  /** By the clock too: where a host stands still between two requests, so do timers. */
  #isDue(): boolean {
    return !this.#closed && this.#how.triesAgain && performance.now() >= this.#nextAt;
  }

  #try(): Promise<T> {
    clearTimeout(this.#timer);
    const attempt = this.#how.open();
    this.#attempt = attempt;
    attempt.then(
      (opened) => {
        this.#opened = opened;
        if (this.#failures > 0) this.#how.recovered();
      },
      (error) => this.#failed(error),
    );
    return attempt;
  }

  #failed(error: unknown): void {
    this.#attempt = undefined;
    this.#failure = error;
    this.#failures += 1;
    this.#how.failed(error);
    if (!this.#how.triesAgain || this.#closed) return;
    const waitMs = backoffWithFloor(this.#failures, AGAIN);
    this.#nextAt = performance.now() + waitMs;
    this.#timer = setTimeout(() => void this.#try().catch(() => {}), waitMs);
    // An app whose own work has ended is not kept alive for it.
    this.#timer.unref();
  }
}

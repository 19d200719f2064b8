import { type Counted, type IdentifyCounts, MOST_ORIGINS } from "../ledger/contract/identify-counts.ts";
import type { Log } from "../log.ts";
import { isOfProof, type Observer, OTHER_ORIGIN, type Tell } from "../observer.ts";

const WRITE_EVERY_MS = 10_000;

/** Where proofs are brought. */
const ROUTES = new Set(["/identify", "/token"]);

/** Counts in memory how each identify was proven, or why it was refused, and writes it to the ledger now and then. */
export class IdentifyCounter implements Observer {
  readonly #log: Log;
  #counts = new Map<string, Counted>();
  #origins = new Set<string>();
  #ledger: Pick<IdentifyCounts, "countIdentifies"> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(log: Log) {
    this.#log = log;
  }

  identified: Tell["identified"] = ({ origin, provenBy }) => this.#count(origin, "identified", provenBy);

  answered: Tell["answered"] = ({ route, problem, origin }) => {
    if (problem !== undefined && isOfProof(problem) && ROUTES.has(route))
      this.#count(origin, "refused", problem);
  };

  /** From now on it is written, every ten seconds. */
  writeTo(ledger: Pick<IdentifyCounts, "countIdentifies">): void {
    this.#ledger = ledger;
    this.#timer ??= setInterval(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  /** Writes what has been counted since the last time. Never rejects: what cannot be written stays counted. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Flushes once more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.flush();
    this.#ledger = undefined;
  }

  #count(origin: string, outcome: Counted["outcome"], how: string, count = 1): void {
    const named = this.#named(origin);
    const name = `${how} ${outcome} ${named}`;
    const before = this.#counts.get(name);
    if (before) before.count += count;
    else this.#counts.set(name, { origin: named, outcome, how, count });
  }

  /** Whoever makes up origins does not fill the memory. */
  #named(origin: string): string {
    if (this.#origins.has(origin)) return origin;
    if (this.#origins.size >= MOST_ORIGINS) return OTHER_ORIGIN;
    this.#origins.add(origin);
    return origin;
  }

  async #write(): Promise<void> {
    if (!this.#ledger || this.#counts.size === 0) return;
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    this.#origins = new Set();
    try {
      await this.#ledger.countIdentifies(counts, Date.now());
    } catch (error) {
      for (const { origin, outcome, how, count } of counts) this.#count(origin, outcome, how, count);
      this.#log.warn("how identifies were proven could not be written and stays in memory", { cause: error });
    }
  }
}

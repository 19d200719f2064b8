import { type Counted, type IdentifyCounts, MOST_ORIGINS } from "../ledger/contract/identify-counts.ts";
import type { Log } from "../log.ts";
import { isIdentify, isOfProof, type Observer, OTHER_ORIGIN, type Tell } from "../observer.ts";
import { Tally } from "../tally.ts";

/** Counts in memory how each identify was proven, or why it was refused, and writes it to the ledger now and then. */
export class IdentifyCounter implements Observer {
  readonly #tally: Tally<Counted>;
  #origins = new Set<string>();

  constructor(log: Log) {
    this.#tally = new Tally({
      nameOf: ({ how, outcome, origin }) => `${how} ${outcome} ${origin}`,
      add: (counted, { count }) => {
        counted.count += count;
      },
      failed: (cause, counts) => {
        for (const counted of counts) this.#count(counted);
        log.warn("how identifies were proven could not be written and stays in memory", { cause });
      },
    });
  }

  identified: Tell["identified"] = ({ origin, provenBy }) =>
    this.#count({ origin, outcome: "identified", how: provenBy, count: 1 });

  answered: Tell["answered"] = ({ route, problem, origin }) => {
    if (problem !== undefined && isOfProof(problem) && isIdentify(route))
      this.#count({ origin, outcome: "refused", how: problem, count: 1 });
  };

  /** From now on it is written, every ten seconds. */
  writeTo(ledger: Pick<IdentifyCounts, "countIdentifies">): void {
    this.#tally.writeBy((counts) => {
      this.#origins = new Set();
      return ledger.countIdentifies(counts, Date.now());
    });
  }

  /** Writes what has been counted since the last time. Never rejects: what cannot be written stays counted. */
  flush(): Promise<void> {
    return this.#tally.flush();
  }

  /** Flushes once more. */
  close(): Promise<void> {
    return this.#tally.close();
  }

  #count(counted: Counted): void {
    this.#tally.count({ ...counted, origin: this.#named(counted.origin) });
  }

  /** Whoever makes up origins does not fill the memory. */
  #named(origin: string): string {
    if (this.#origins.has(origin)) return origin;
    if (this.#origins.size >= MOST_ORIGINS) return OTHER_ORIGIN;
    this.#origins.add(origin);
    return origin;
  }
}

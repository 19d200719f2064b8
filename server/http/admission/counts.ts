import type { Count, Counted, Shared } from "../../ledger/contract/shared.ts";
import { within } from "../../within.ts";
import { type Bucket, RequestCounts } from "./request-counts.ts";

/** How long a shared count may take before this process counts by itself, and for how long it does then. Milliseconds. */
const PATIENCE_MS = 1000;
const OWN_COUNT_MS = 5000;

/** Where a request is counted. A window begins with its first request and lasts `windowMs`. */
interface Counting {
  /** Counted before `bucket`, which is left alone where that makes more than `most`. */
  first?: { bucket: Bucket; most: number } | undefined;
  bucket?: Bucket | undefined;
  windowMs: number;
}

/**
 * Counts requests: in this process or, where instances share a database, over all of them. Where the database does not
 * count, each instance goes on from what it has heard last.
 */
export class Counts {
  readonly #shared: Pick<Shared, "countRequest"> | undefined;
  readonly #own = new RequestCounts();
  readonly #noteOwn: (cause: unknown) => void;
  #ownUntil = 0;

  /** @param noteOwn is told why this process counts by itself for a while */
  constructor(shared?: Pick<Shared, "countRequest">, noteOwn: (cause: unknown) => void = () => {}) {
    this.#shared = shared;
    this.#noteOwn = noteOwn;
  }

  /** Never rejects. */
  async count(counting: Counting): Promise<Counted> {
    if (this.#shared && performance.now() >= this.#ownUntil) {
      try {
        const { first, bucket, windowMs } = counting;
        const asked = this.#shared.countRequest({
          first: first && { key: keyOf(first.bucket), most: first.most },
          key: bucket && keyOf(bucket),
          windowMs,
        });
        const counted = await within(PATIENCE_MS, asked);
        this.#goOnFrom(first?.bucket, counted.ofFirst);
        this.#goOnFrom(bucket, counted.ofKey);
        return counted;
      } catch (error) {
        this.#noteOwn(error);
        this.#ownUntil = performance.now() + OWN_COUNT_MS;
      }
    }
    return this.#countHere(counting);
  }

  #goOnFrom(bucket: Bucket | undefined, count: Count | undefined): void {
    if (bucket && count) this.#own.goOnFrom(bucket, count);
  }

  #countHere({ first, bucket, windowMs }: Counting): Counted {
    const before = first && this.#own.count(first.bucket, windowMs);
    const isLetIn = !first || !before || before.requests <= first.most;
    return { ofFirst: before, ofKey: bucket && isLetIn ? this.#own.count(bucket, windowMs) : undefined };
  }
}

/** The same text in all instances. */
const keyOf = ({ limit, number }: Bucket): string => `${limit}:${number.toString(16).padStart(4, "0")}`;

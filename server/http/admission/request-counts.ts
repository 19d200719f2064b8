import type { Count } from "../../ledger/contract/shared.ts";

/** So many counts has each limit, whoever comes: as many as two bytes of a digest tell apart. */
const BUCKETS = 65_536;

/** One count of a limit, which some users or addresses share. */
export interface Bucket {
  limit: string;
  /** From 0 on. */
  number: number;
}

/** Of one limit, by bucket. It takes 768 kB at the most, and never more. */
class Windows {
  readonly requests = new Uint32Array(BUCKETS);
  /** By `performance.now()`. */
  readonly endsAt = new Float64Array(BUCKETS);
}

/** Counts requests in this process. */
export class RequestCounts {
  readonly #limits = new Map<string, Windows>();

  /** Counts a request. A window begins with its first request and lasts `windowMs`. */
  count({ limit, number }: Bucket, windowMs: number): Count {
    const { requests, endsAt } = this.#of(limit);
    const now = performance.now();
    if ((endsAt[number] ?? 0) <= now) {
      requests[number] = 0;
      endsAt[number] = now + windowMs;
    }
    const counted = (requests[number] ?? 0) + 1;
    requests[number] = counted;
    return { requests: counted, endsInMs: (endsAt[number] ?? 0) - now };
  }

  /** What has been counted elsewhere, from which this goes on; not backwards, where the news is late. */
  goOnFrom({ limit, number }: Bucket, counted: Count): void {
    const { requests, endsAt } = this.#of(limit);
    const now = performance.now();
    if ((endsAt[number] ?? 0) > now && (requests[number] ?? 0) >= counted.requests) return;
    requests[number] = counted.requests;
    endsAt[number] = now + counted.endsInMs;
  }

  #of(limit: string): Windows {
    const known = this.#limits.get(limit);
    if (known) return known;
    const windows = new Windows();
    this.#limits.set(limit, windows);
    return windows;
  }
}

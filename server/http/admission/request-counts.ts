import type { Count } from "../../ledger/contract/shared.ts";

/** Counts requests in this process. The caller bounds the number of keys, and so the memory. */
export class RequestCounts {
  /** When each window ends, by `performance.now()`. */
  readonly #windows = new Map<string, { requests: number; endsAt: number }>();

  /** Counts a request of `key`. A window begins with its first request and lasts `windowMs`. */
  count(key: string, windowMs: number): Count {
    const now = performance.now();
    let window = this.#windows.get(key);
    if (!window || window.endsAt <= now) {
      window = { requests: 0, endsAt: now + windowMs };
      this.#windows.set(key, window);
    }
    window.requests += 1;
    return { requests: window.requests, endsInMs: window.endsAt - now };
  }

  /** What has been counted elsewhere, from which this goes on; not backwards, where the news is late. */
  goOnFrom(key: string, { requests, endsInMs }: Count): void {
    const now = performance.now();
    const window = this.#windows.get(key);
    if (!window) this.#windows.set(key, { requests, endsAt: now + endsInMs });
    else if (window.endsAt <= now || window.requests < requests) {
      window.requests = requests;
      window.endsAt = now + endsInMs;
    }
  }
}

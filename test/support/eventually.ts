import { setTimeout as sleep } from "node:timers/promises";

interface Patience {
  withinMs?: number;
  everyMs?: number;
  moves?: () => number | Promise<number>;
}

/**
 * Waits until `check` holds: it returns something true, and neither throws nor rejects. Returns what it returned.
 * @param moves for work that takes as long as the machine needs: how far it has come. The time begins anew while that grows
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  { withinMs = 30_000, everyMs = 20, moves }: Patience = {},
): Promise<T> {
  let deadline = Date.now() + withinMs;
  let reached = await moves?.();
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result) return result;
    } catch (error) {
      failure = error;
    }
    if (moves && Date.now() > deadline) {
      const before = reached ?? 0;
      reached = await moves();
      if (reached > before) deadline = Date.now() + withinMs;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: failure });
    await sleep(everyMs);
  }
}

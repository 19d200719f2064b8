import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `check` holds: it returns something true, and neither throws nor rejects. Returns what it returned. */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  { withinMs = 30_000, everyMs = 20 } = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result) return result;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: failure });
    await sleep(everyMs);
  }
}

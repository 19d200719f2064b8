import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 5;

/** The longest time that nothing else could run in this process while `work` did, and how long it took. Milliseconds. */
export async function pausesDuring(
  work: () => Promise<unknown>,
): Promise<{ longest: number; total: number }> {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const began = performance.now();
  await work();
  const total = performance.now() - began;
  delays.disable();
  return { longest: delays.max / 1e6, total };
}

/** What an iterator has said. */
type Said<T> = { result: IteratorResult<T> } | { error: unknown };

/**
 * What comes, and `undefined` now and then while nothing does: whoever waits for a pipe has other things to do meanwhile.
 * @param everyMs how often, in milliseconds
 * @param stopping when it is aborted, at once
 */
export async function* orNothing<T>(
  items: AsyncIterable<T>,
  everyMs: number,
  stopping: AbortSignal,
): AsyncGenerator<T | undefined, void> {
  const iterator = items[Symbol.asyncIterator]();
  let said: Said<T> | undefined;
  let wake = () => {};
  const ask = async () => {
    try {
      said = { result: await iterator.next() };
    } catch (error) {
      said = { error };
    }
    wake();
  };
  const tick = () => wake();
  const timer = setInterval(tick, everyMs);
  stopping.addEventListener("abort", tick);
  try {
    void ask();
    for (;;) {
      if (!said && !stopping.aborted) await new Promise<void>((resolve) => (wake = resolve));
      const now = said;
      said = undefined;
      if (now && "error" in now) throw now.error;
      if (now?.result.done) return;
      yield now?.result.value;
      if (now) void ask();
    }
  } finally {
    clearInterval(timer);
    stopping.removeEventListener("abort", tick);
    // Not awaited: of a pipe it would come after the next piece.
    iterator.return?.()?.catch(() => {});
  }
}

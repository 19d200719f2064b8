let time = 0;
let ran = performance.now();
let said = Date.now();

/**
 * Milliseconds since the page was loaded, for spans of time. It never goes back, whatever the visitor's clock is set to.
 * In some browsers the first of the two clocks stands still while a laptop sleeps, so the one that has gone on more
 * counts.
 */
export const now = (): number => {
  const before = ran;
  const then = said;
  ran = performance.now();
  said = Date.now();
  time += Math.max(ran - before, said - then);
  return time;
};

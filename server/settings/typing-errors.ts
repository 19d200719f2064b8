/** The candidate that `name` was probably meant to be: at most three letters differ. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  return candidates.find((candidate) => editDistance(name, candidate) <= 3);
}

/** How many letters have to be put in, left out or changed. Source: Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const substituted = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Connections of one instance, unless `?max=` in the URL says it otherwise. Each is held for less than a moment. */
const CONNECTIONS = 10;
const MOST = 100;

/** @returns what is wrong with `?max=` in the URL, if anything */
export function poolSizeMistake(url: string): string | undefined {
  const given = URL.parse(url)?.searchParams.getAll("max") ?? [];
  const isRight = given.every((text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST);
  return isRight && given.length < 2
    ? undefined
    : `?max= must be how many connections each instance may open, from 1 to ${MOST}, once`;
}

/** The URL without `?max=`, which is ours and not PostgreSQL's, and how many connections there may be. */
export function withPoolSize(url: string): { url: string; max: number } {
  const parsed = URL.parse(url);
  const max = parsed?.searchParams.get("max");
  if (!parsed || !max) return { url, max: CONNECTIONS };
  // Not by way of `searchParams`, which would write the rest of it anew.
  parsed.search = parsed.search.replace(/([?&])max=\d*(&|$)/, (_, before, after) => (after ? before : ""));
  return { url: parsed.href, max: Number(max) };
}

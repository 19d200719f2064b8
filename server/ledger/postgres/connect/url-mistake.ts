/** What is wrong with `VAMBE_DATABASE_URL`, in words that say nothing of what stands in it. */
export class UrlMistake extends Error {
  override readonly name = "UrlMistake";
}

/** What went wrong, for a person at a terminal. None of these messages holds a secret, or what is kept of anybody. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(Object(error).message);
  const isDatabase = "code" in error && error.code === "ERR_SQLITE_ERROR";
  return isDatabase ? `the database (VAMBE_DATABASE_URL) cannot be used: ${error.message}` : error.message;
}

/** What went wrong, for a person at a terminal or with the log. None of these messages holds a secret, or what is kept of anybody. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  switch ("code" in error && error.code) {
    case "EADDRINUSE":
      return "the port is taken: set PORT to another, or stop what uses it";
    case "EACCES":
      return "the port may not be used by this account: set PORT to one above 1023";
    case "ERR_SQLITE_ERROR":
      return `the database (VAMBE_DATABASE_URL) cannot be used: ${meaningOf(error)}`;
    default:
      return error.message;
  }
}

/** By SQLite's primary result code. */
const MEANINGS: Record<number, string> = {
  5: "something else has been writing it for more than five seconds, such as an import or an open shell. Run this again once that has ended",
  8: "it can only be read, by this account or on this disk",
  13: "the disk is full. Make room, and run this again",
};

function meaningOf(error: Error): string {
  const code = "errcode" in error ? Number(error.errcode) & 0xff : 0;
  return MEANINGS[code] ?? error.message;
}

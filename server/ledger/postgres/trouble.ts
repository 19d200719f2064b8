import { UnfitDatabase } from "./schema.ts";

/**
 * What went wrong with the database, in words of our own: what PostgreSQL says may quote a value, and what
 * happened on the way may quote the URL.
 */
export class PostgresTrouble extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = "PostgresTrouble";
    this.code = code;
  }
}

/** By SQLSTATE. */
const MEANINGS: Record<string, string> = {
  "28000": "refuses the account in VAMBE_DATABASE_URL",
  "28P01": "refuses the user or the password in VAMBE_DATABASE_URL",
  "3D000": "has no database of the name in VAMBE_DATABASE_URL",
  "42501":
    "does not allow this to the account in VAMBE_DATABASE_URL: it needs a schema vambe_identity of its own, or CREATE on the database",
  "53300": "has no connection to spare",
  "57P01": "is being stopped",
  "57P03": "is starting up or being stopped",
  "57014": "took too long",
  "25006": "can only be read: is it a standby?",
};

/** @param where the server is to be found: host and port, nothing secret */
export function troubleOf(error: unknown, where: string): Error {
  if (error instanceof PostgresTrouble || error instanceof UnfitDatabase) return error;
  const { code, severity, message } = Object(error);
  if (typeof code === "string" && severity !== undefined) {
    return new PostgresTrouble(
      `PostgreSQL at ${where} ${MEANINGS[code] ?? `fails (SQLSTATE ${code})`}`,
      code,
    );
  }
  if (typeof code === "string") {
    return new PostgresTrouble(
      `PostgreSQL at ${where} cannot be reached (${code}): VAMBE_DATABASE_URL names it`,
      code,
    );
  }
  // Without a code it comes from the client: a connection that ended, one that never came about, TLS.
  return new PostgresTrouble(`PostgreSQL at ${where} cannot be reached (${message})`, "NO_ANSWER");
}

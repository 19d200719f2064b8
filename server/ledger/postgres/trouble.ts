import { UrlMistake } from "./connect/url-mistake.ts";
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

/** Whether the server has broken a statement off since it took longer than it may. Nothing of it has happened. */
export const tookTooLong = (error: unknown): boolean =>
  error instanceof PostgresTrouble && error.code === "57014";

/** A plan that the session does not have any more, has of somebody else, or cannot use since a table is another. Nothing has happened. */
export const isOfKeptPlan = (error: unknown): boolean =>
  error instanceof PostgresTrouble && ["26000", "42P05", "0A000"].includes(error.code);

/**
 * Whether it may be the fault of one row of many: of its values, of who else writes it at the moment, or of a lock that somebody
 * keeps. By the class of the SQLSTATE.
 */
export const isOfOneRow = (error: unknown): boolean =>
  error instanceof PostgresTrouble && (/^(22|23|40|54|55)/.test(error.code) || tookTooLong(error));

/** What has an SQLSTATE that says too little. The words are PostgreSQL's and PgBouncer's own; none of them is quoted. */
const BY_WORDS: readonly [RegExp, string][] = [
  [
    /no encryption|SSL off/,
    "lets nobody in from here without TLS: add ?sslmode=verify-full to VAMBE_DATABASE_URL",
  ],
  [
    /requires a valid client certificate|certificate authentication failed/,
    "wants a certificate of the exchange's own: name it in VAMBE_DATABASE_URL with sslcert=<path>&sslkey=<path>",
  ],
  [
    /unsupported startup parameter/,
    "is a pooler, and takes no ?options= in VAMBE_DATABASE_URL: take it out, and have the account itself start with that, as by ALTER ROLE … SET search_path = pg_catalog",
  ],
  [
    /transaction blocks not allowed|[Ll]ong transactions not allowed/,
    "is a pooler in statement mode, which is not enough: set pool_mode = transaction",
  ],
  [
    /(SASL|SCRAM|password) authentication failed|^no such user/,
    "refuses the user or the password in VAMBE_DATABASE_URL",
  ],
  [/^database ".*" does not exist|^no such database/, "has no database of the name in VAMBE_DATABASE_URL"],
  [/query_wait_timeout|query_timeout/, "is a pooler that has had no connection to lend"],
  [/server login|cannot connect to server|server conn/, "is a pooler that does not reach its server"],
];

const UNKNOWN_AUTHORITY =
  "has a certificate of an authority that is not known here: name the authority's own certificate in VAMBE_DATABASE_URL, as sslrootcert=<path>";

/** By the code of the connection's error: OpenSSL's for a certificate, or Node's. */
const CERTIFICATES: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "has a certificate that it has signed itself: name it in VAMBE_DATABASE_URL, as sslrootcert=<path>, or give the server one of an authority",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "has a certificate for another name than the host in VAMBE_DATABASE_URL: write the host as the certificate has it, or, where the authority is your own and signs for nobody else, sslmode=verify-ca",
  CERT_HAS_EXPIRED: "has a certificate that has expired: renew it",
  CERT_NOT_YET_VALID: "has a certificate that is not valid yet: is this machine's clock right?",
};

/** The client's own words, where it has no code. Others might quote something. */
const CLIENTS_WORDS: readonly [RegExp, string][] = [
  [
    /does not support SSL/,
    "offers no TLS: turn it on at the server (ssl = on), or, on a network of your own, write sslmode=disable",
  ],
  [/password must be a/, "wants a password, and VAMBE_DATABASE_URL has none"],
  [/timeout|Timeout/, "cannot be reached (timeout expired)"],
  [/terminated|not queryable/, "cannot be reached (Connection terminated)"],
  [/establishing an SSL connection/, "cannot be reached by TLS: is it a PostgreSQL server?"],
];

/** A server that has no more, or a pooler that lets no more in. */
export function isNoneToSpare(error: unknown): boolean {
  const { code, message } = Object(error);
  return code === "53300" || (code === "08P01" && /no more connections allowed/.test(String(message)));
}

/** @param where the server is to be found: host and port, nothing secret */
export function troubleOf(error: unknown, where: string): Error {
  if (error instanceof PostgresTrouble || error instanceof UnfitDatabase) return error;
  if (error instanceof UrlMistake)
    return new PostgresTrouble(`VAMBE_DATABASE_URL ${error.message}`, "NOT_TAKEN");
  const { code, severity, message } = Object(error);
  const say = (what: string, as: string) => new PostgresTrouble(`PostgreSQL at ${where} ${what}`, as);
  const words = String(message);
  if (typeof code === "string" && severity !== undefined) {
    if (isNoneToSpare(error)) return say(MEANINGS["53300"] ?? "", "53300");
    const better = /^(08|28|3D|57)/.test(code) ? meaningOf(words, BY_WORDS) : undefined;
    return say(better ?? MEANINGS[code] ?? `fails (SQLSTATE ${code})`, code);
  }
  if (typeof code === "string") {
    if (code.startsWith("ERR_OSSL_"))
      return say(
        "cannot be spoken to: the files of sslrootcert, sslcert and sslkey have to be PEM, and the key that of the certificate",
        code,
      );
    return say(CERTIFICATES[code] ?? `cannot be reached (${code}): VAMBE_DATABASE_URL names it`, code);
  }
  return say(meaningOf(words, CLIENTS_WORDS) ?? "cannot be reached", "NO_ANSWER");
}

const meaningOf = (words: string, meanings: readonly [RegExp, string][]): string | undefined =>
  meanings.find(([pattern]) => pattern.test(words))?.[1];

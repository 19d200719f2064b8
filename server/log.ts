/**
 * One JSON line an event. Only the fields listed here can be logged, so that no secret, proof, name or email
 * gets in by way of an error's message or a nested value.
 */
export interface LogFields {
  request_id?: string;
  method?: string;
  route?: string;
  status?: number;
  problem?: string;
  /** Name of the trait that a problem is about. */
  fields?: string;
  /** What an operator did from the admin page. */
  action?: string;
  delivery?: string;
  verified?: boolean;
  /** The kind of proof that somebody was identified by; `none` where nothing proves the id. */
  proven_by?: string;
  /** Somebody acted for the user. */
  acting?: true;
  duration_ms?: number;
  /** Vambe's status. */
  upstream?: number;
  /** Of a key that is published. */
  kid?: string;
  /** Of what is sent to WhatsApp; left out, it is the webchat's. */
  channel?: "whatsapp" | "web-whatsapp";
  /** Key of a custom field. */
  field?: string;
  /** Where a request came from, so wide that it names no person: an IPv4 /24, an IPv6 /48. */
  network?: string | undefined;
  origin?: string | undefined;
  /** Pages' origins that are allowed. */
  origins?: string;
  /** How much of what came was proven, in hundredths. */
  proven_percent?: number | undefined;
  url?: string;
  /** Where it listens: a host and a port. */
  address?: string;
  /** Of this package. */
  version?: string;
  /** `enforcing`: an id counts only with a proof. `unverified`: ids without one are accepted too. */
  mode?: "enforcing" | "unverified";
  /** The kind of database. */
  database?: "SQLite" | "PostgreSQL" | "memory";
  /** How many rows wait to be sent. */
  waiting?: number;
  setting?: string;
  count?: number;
  age_seconds?: number;
  /** An error is logged by its name, its code and where it was thrown, and no more; a string as it is. */
  cause?: unknown;
}

export type Level = "info" | "warn" | "error";
export type Log = Record<Level, (event: string, fields?: LogFields) => void>;

/** What there is to write of an event, in the order in which it is written. */
export interface Line extends LogFields {
  time: string;
  level: Level;
  event: string;
  cause: string | undefined;
}

/**
 * @param write takes one line, without its end
 * @param form how an event becomes a line
 */
export function createLog(write: (line: string) => void, form: (line: Line) => string = JSON.stringify): Log {
  const at =
    (level: Level) =>
    (event: string, fields: LogFields = {}) => {
      const cause = fields.cause === undefined ? undefined : nameOf(fields.cause);
      write(form({ time: new Date().toISOString(), level, event, ...fields, cause }));
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function nameOf(cause: unknown): string {
  if (typeof cause === "string") return cause;
  if (!(cause instanceof Error)) return typeof cause;
  const codes = ["code", "errcode"].flatMap((name) => (name in cause ? [String(Object(cause)[name])] : []));
  return [cause.name, ...codes, thrownAt(cause)].filter(Boolean).join(" ");
}

/** The first frame of the stack. What stands before the frames is the message, which may hold anything. */
function thrownAt({ stack = "", message }: Error): string | undefined {
  const at = stack.indexOf(message);
  return at < 0 ? undefined : /^ {4}at .+$/m.exec(stack.slice(at + message.length))?.[0].trim();
}

import { UrlMistake } from "./url-mistake.ts";

const MOST_CONNECTIONS = 100;
/** What pages wait for leaves no more, in seconds. */
const MOST_PATIENCE = 10;

type Check = { takes: RegExp; otherwise: string };
const ANYTHING: Check = { takes: /^/, otherwise: "" };

/** What is taken behind the `?`, and of which values. All but those of the first group are libpq's. */
const TAKEN = {
  max: {
    takes: new RegExp(`^([1-9]\\d?|${MOST_CONNECTIONS})$`),
    otherwise: `must be how many connections each instance may open, from 1 to ${MOST_CONNECTIONS}`,
  },
  schema: {
    takes: /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/,
    otherwise: "must be a name of small letters, digits and _, such as vambe_identity_staging",
  },

  host: ANYTHING,
  port: ANYTHING,
  user: ANYTHING,
  password: ANYTHING,
  dbname: ANYTHING,
  options: ANYTHING,
  application_name: ANYTHING,
  connect_timeout: {
    takes: new RegExp(`^([1-9]|${MOST_PATIENCE})$`),
    otherwise: `must be from 1 to ${MOST_PATIENCE} seconds: pages wait no longer`,
  },
  client_encoding: { takes: /^(utf-?8|auto)$/i, otherwise: "must be UTF8" },
  target_session_attrs: {
    takes: /^(any|read-write|primary)$/,
    otherwise: "must be read-write: what is asked for is written",
  },
  channel_binding: {
    takes: /^(disable|prefer)$/,
    otherwise: "must be prefer or disable: it is sslmode=verify-full that makes sure of the server",
  },
  sslmode: {
    takes: /^(disable|require|verify-ca|verify-full|no-verify)$/,
    otherwise:
      "must be verify-full, verify-ca, require, no-verify or disable: with any other, whoever is in between can do away with TLS",
  },
  ssl: { takes: /^true$/, otherwise: "must be true: for anything else there is sslmode=" },
  sslrootcert: ANYTHING,
  sslcert: ANYTHING,
  sslkey: ANYTHING,
  sslnegotiation: { takes: /^(postgres|direct)$/, otherwise: "must be direct or postgres" },
} as const satisfies Record<string, Check>;

export type UrlParameters = { -readonly [Name in keyof typeof TAKEN]?: string };

/** What libpq, the client or other programs' URLs have and this exchange does not take. */
const LEFT_OUT = `
  require_auth fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout
  replication gssencmode gsslib gssdelegation krbsrvname requiressl requirepeer sslcompression sslcertmode sslcrl sslcrldir
  sslsni sslkeylogfile ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version
  statement_timeout lock_timeout query_timeout encoding binary pgbouncer connection_limit pool_timeout`;

/** What is not taken, and what to do in its stead. */
const REFUSED: Readonly<Record<string, string>> = {
  hostaddr: "write the address in the place of the host",
  service: "write out what stands in the service file",
  servicefile: "write out what stands in the service file",
  passfile: "put the whole URL into a file, and its path into VAMBE_DATABASE_URL_FILE",
  load_balance_hosts: "name one host",
  uselibpqcompat: "leave it out: what each sslmode means stands in docs/postgresql.md",
  sslpassword: "name a key without a passphrase with sslkey",
  ...Object.fromEntries(
    LEFT_OUT.trim()
      .split(/\s+/)
      .map((name) => [name, "leave it out"]),
  ),
};

const isTaken = (name: string): name is keyof typeof TAKEN => Object.hasOwn(TAKEN, name);

/**
 * Reads what stands behind the `?`.
 * @throws {UrlMistake} which names only what it knows by name: what it does not know may be a part of a password
 */
export function readParameters(query: string, decode: (text: string) => string): UrlParameters {
  const read: UrlParameters = {};
  for (const part of query === "" ? [] : query.split("&")) {
    const [before = "", ...after] = part.split("=");
    const name = decode(before);
    if (Object.hasOwn(REFUSED, name))
      throw new UrlMistake(`has ?${name}=, which is not taken: ${REFUSED[name]}`);
    if (!isTaken(name) || after.length === 0) {
      throw new UrlMistake(
        `has something behind the ? that is not known: take it out. Known are ${Object.keys(TAKEN).join(", ")}; in a value write & as %26, and in a password ? as %3F`,
      );
    }
    if (read[name] !== undefined) throw new UrlMistake(`has ?${name}= twice: keep one`);
    const value = decode(after.join("="));
    const { takes, otherwise }: Check = TAKEN[name];
    if (!takes.test(value)) throw new UrlMistake(`has a ?${name}= that is not taken: it ${otherwise}`);
    read[name] = value;
  }
  return read;
}

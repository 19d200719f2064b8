import { userInfo } from "node:os";
import type { ClientConfig } from "pg";
import { readParameters, type UrlParameters } from "./parameters.ts";
import { SCHEMA } from "./schema-name.ts";
import { type Tls, tlsIn } from "./tls.ts";
import { UrlMistake } from "./url-mistake.ts";

/** What `VAMBE_DATABASE_URL` says, with the environment's defaults in place of what it leaves out. */
export interface DatabaseUrl {
  client: ClientConfig & { host: string; port: number };
  tls: Tls;
  /** The schema that everything is in. */
  schema: string;
  /** How many connections an instance may open. */
  max: number;
  /** Where the server is to be found, for a person: nothing secret. */
  where: string;
}

const DEFAULT_PORT = 5432;
/** Connections of one instance, unless `?max=` says it otherwise. Each is held for less than a moment. */
const CONNECTIONS = 10;

const ENCODING =
  "must be a URL such as postgres://user:password@host:5432/database: in its user, password and database write % as %25, / as %2F, ? as %3F, # as %23 and @ as %40";

/** The user and password end at the last `@` before the first `/`, `?` or `#`, of which they may have none. */
const FORM = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^/?#@]*))?(?:\?([^#@]*))?$/;
const HOST = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::(\d{0,5}))?$/;

/** Reads the URL as libpq does. @throws {UrlMistake} which never quotes the URL: any part of it may be a password's */
export function readDatabaseUrl(url: string): DatabaseUrl {
  const [whole, login, authority = "", database = "", query = ""] = FORM.exec(url) ?? [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (whole === undefined || /[\u0000-\u001f\u007f]/.test(url)) throw new UrlMistake(ENCODING);
  const given = readParameters(query, decoded);
  const { host, port } = placeIn(authority, given);
  const [user = "", ...password] = login?.split(":") ?? [];
  const name = given.user || decoded(user) || process.env.PGUSER || accountHere();
  const secret = given.password || decoded(password.join(":"));
  const isSocket = host.startsWith("/");
  const tls: Tls = isSocket ? { mode: "off", isDirect: false } : tlsIn(given);
  return {
    client: {
      user: name,
      // Of the environment's PGPASSWORD the client takes care itself.
      ...(secret ? { password: secret } : {}),
      host,
      port,
      database: given.dbname || decoded(database) || process.env.PGDATABASE || name,
      ...(given.options ? { options: given.options } : {}),
      ...(given.connect_timeout ? { connectionTimeoutMillis: Number(given.connect_timeout) * 1000 } : {}),
      application_name: given.application_name || "vambe-identity",
      enableChannelBinding: given.channel_binding === "prefer",
      sslnegotiation: tls.isDirect ? "direct" : "postgres",
    },
    tls,
    schema: given.schema ?? SCHEMA,
    max: Number(given.max ?? CONNECTIONS),
    where: whereIs(host, port, isSocket, login !== undefined || given.host !== undefined),
  };
}

/** As libpq, the operating system's account; a container may run as a number that has no name. */
function accountHere(): string {
  try {
    return userInfo().username;
  } catch {
    throw new UrlMistake(
      "names no user, and the account that runs this has no name: write postgres://user:password@…",
    );
  }
}

/** @returns what is wrong with the URL, if anything */
export function databaseUrlMistake(url: string): string | undefined {
  try {
    readDatabaseUrl(url);
    return undefined;
  } catch (error) {
    if (error instanceof UrlMistake) return error.message;
    throw error;
  }
}

function placeIn(authority: string, given: UrlParameters): { host: string; port: number } {
  if ([given.host ?? authority, given.port].some((text) => text?.includes(","))) {
    throw new UrlMistake(
      "names several hosts, which is not taken: name one that leads to the primary, such as a load balancer's or a name in the DNS that follows it",
    );
  }
  const [whole, inBrackets, bare = "", portInIt] = HOST.exec(authority) ?? [];
  if (whole === undefined) {
    const isLikeIpv6 = authority.split(":").length > 2;
    throw new UrlMistake(
      isLikeIpv6 ? `${ENCODING}; an IPv6 address stands in brackets, as in @[::1]:5432` : ENCODING,
    );
  }
  const host = (given.host ?? inBrackets ?? decoded(bare)) || process.env.PGHOST || "localhost";
  if (!host.startsWith("/") && /[\s,@/?#]/.test(host)) throw new UrlMistake(ENCODING);
  const port = given.port || portInIt || process.env.PGPORT || `${DEFAULT_PORT}`;
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new UrlMistake(`${ENCODING}; the port is a number from 1 to 65535`);
  return { host, port: Number(port) };
}

/** Without an `@`, what looks like a host and a port may be a user and a password whose host was forgotten. */
function whereIs(host: string, port: number, isSocket: boolean, isSure: boolean): string {
  if (isSocket) return "the local socket";
  if (!isSure) return "the host in VAMBE_DATABASE_URL";
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function decoded(text: string): string {
  try {
    const plain = decodeURIComponent(text);
    if (!plain.includes("\u0000")) return plain;
  } catch {
    // Said below.
  }
  throw new UrlMistake(ENCODING);
}

import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { UrlParameters } from "./parameters.ts";
import { UrlMistake } from "./url-mistake.ts";

/**
 * `full`: the certificate is of an authority that is known, and of the host's name; `authority`: of the authority
 * alone; `unchecked`: whoever answers is believed.
 */
export interface Tls {
  mode: "off" | "unchecked" | "authority" | "full";
  /** Begins with TLS, without asking in PostgreSQL's own protocol first. */
  isDirect: boolean;
  /** Paths. Where no authority is named, those that Node knows count. */
  authority?: string | undefined;
  certificate?: string | undefined;
  key?: string | undefined;
}

const MODES: Readonly<Record<string, Tls["mode"]>> = {
  disable: "off",
  "no-verify": "unchecked",
  "verify-ca": "authority",
  // More than libpq does, which checks nothing here where no authority is named.
  require: "full",
  "verify-full": "full",
};

/** Without a word of it in the URL, the environment's `PGSSLMODE` counts; without that, there is no TLS. */
export function tlsIn(given: UrlParameters): Tls {
  const isNamed = [given.sslrootcert, given.sslcert, given.sslkey].some(Boolean);
  const byDefault = isNamed || given.ssl || given.sslnegotiation === "direct" ? "verify-full" : "disable";
  const wish = given.sslmode ?? (process.env.PGSSLMODE || byDefault);
  const mode = MODES[wish];
  if (mode === undefined) {
    throw new UrlMistake(
      "names no sslmode, and the environment's PGSSLMODE is none of verify-full, verify-ca, require, no-verify and disable: add one to the URL",
    );
  }
  const isSystem = given.sslrootcert === "system";
  if (mode === "off" && (isNamed || given.ssl || given.sslnegotiation === "direct"))
    throw new UrlMistake("asks for TLS and has sslmode=disable: keep one of them");
  if (mode === "authority" && (isSystem || !given.sslrootcert)) {
    throw new UrlMistake(
      "has sslmode=verify-ca without the authority that it trusts: add sslrootcert=<path>, or write verify-full, since at a public authority anybody gets a certificate",
    );
  }
  if (Boolean(given.sslcert) !== Boolean(given.sslkey))
    throw new UrlMistake("has one of sslcert and sslkey: a certificate of the exchange's own needs both");
  return {
    mode,
    isDirect: given.sslnegotiation === "direct",
    authority: isSystem ? undefined : given.sslrootcert,
    certificate: given.sslcert,
    key: given.sslkey,
  };
}

/**
 * What each new connection is to have. The files are read each time, since certificates are renewed; one that cannot be
 * read just then counts as it was.
 * @throws {UrlMistake} for one that has never been read
 */
export function createTlsOptions(tls: Tls): () => ConnectionOptions | false {
  const { mode, authority, certificate, key } = tls;
  const known = new Map<string, string>();
  const read = (parameter: string, path: string): string => {
    try {
      known.set(path, readFileSync(path, "utf8"));
    } catch (error) {
      if (!known.has(path))
        throw new UrlMistake(`has a ?${parameter}= whose file cannot be read (${Object(error).code})`);
    }
    return known.get(path) ?? "";
  };
  return () => {
    if (mode === "off") return false;
    return {
      rejectUnauthorized: mode !== "unchecked",
      ...(mode === "authority" ? { checkServerIdentity: () => undefined } : {}),
      ...(authority ? { ca: read("sslrootcert", authority) } : {}),
      ...(certificate ? { cert: read("sslcert", certificate) } : {}),
      ...(key ? { key: read("sslkey", key) } : {}),
    };
  };
}

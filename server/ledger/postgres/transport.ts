import pg from "pg";
import { isLoopbackHost, kindOfAddress } from "../../guarded-fetch/address.ts";

/**
 * Whether what is said to PostgreSQL goes over a network on which somebody else could listen, or be the server: without
 * TLS, or with TLS that does not check who is at the other end. The client itself reads the URL, and the environment.
 */
export function isOpenToTheNetwork(url: string): boolean {
  let client: pg.Client;
  try {
    client = new pg.Client({ connectionString: url });
  } catch {
    // It cannot be used at all, and the start is about to say so.
    return false;
  }
  const { host } = client;
  if (!host || host.startsWith("/") || isLoopbackHost(host) || kindOfAddress(host) === "loopback")
    return false;
  const ssl: unknown = client.ssl;
  if (!ssl) return true;
  const { rejectUnauthorized, checkServerIdentity } = Object(ssl);
  return rejectUnauthorized === false || checkServerIdentity !== undefined;
}

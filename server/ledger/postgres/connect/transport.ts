import { kindOfAddress } from "../../../guarded-fetch/address.ts";
import { isLoopbackHost } from "../../../guarded-fetch/secure-url.ts";
import { readDatabaseUrl } from "./url.ts";

/**
 * Whether what is said to PostgreSQL goes over a network on which somebody else could listen, or be the server: without
 * TLS, or with TLS that does not check who is at the other end.
 */
export function isOpenToTheNetwork(url: string): boolean {
  const { client, tls } = readDatabaseUrl(url);
  const { host } = client;
  if (host.startsWith("/") || isLoopbackHost(host) || kindOfAddress(host) === "loopback") return false;
  return tls.mode === "off" || tls.mode === "unchecked";
}

import type { Client } from "pg";

/**
 * Whether a pooler stands in between, such as PgBouncer: it tells the client a process of its own making, for it does
 * not know yet which of the server's the client will be lent. One that keeps a session for its client (PgBouncer's
 * `pool_mode = session`) cannot be told from one that lends it anew for each transaction, and counts as one.
 */
export async function isBehindPooler(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_catalog.pg_backend_pid() AS pid");
  return Object(client).processID !== rows[0]?.pid;
}

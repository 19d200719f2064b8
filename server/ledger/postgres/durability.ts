import type { ClientBase } from "pg";
import { UnfitDatabase } from "./schema.ts";

/**
 * What is answered is on the disk, or it would not be answered.
 * @throws {UnfitDatabase} where the server says that something is committed before it is
 */
export async function checkDurability(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ setting: string; account: string }>(
    `SELECT pg_catalog.current_setting('synchronous_commit') AS setting,
       pg_catalog.quote_ident(current_user::pg_catalog.text) AS account`,
  );
  const [found] = rows;
  if (found?.setting !== "off") return;
  throw new UnfitDatabase(
    `PostgreSQL says that something is committed before it is on the disk (synchronous_commit is off), and a crash would lose users whose pages were answered: run ALTER ROLE ${found.account} SET synchronous_commit = on; or, where VAMBE_DATABASE_URL says so behind ?options=, take it out there`,
  );
}

import type { ClientBase } from "pg";

/**
 * `us`: the account, and each role whose rights it has. Who may only grant a role to others (`ADMIN OPTION`, as whoever
 * makes a role does since PostgreSQL 16) has none of its rights, and to a superuser each role counts as his own: so
 * memberships are followed here, and `pg_has_role` is not asked. Before 16 there are no such options, and each counts.
 */
export const OURS = `
  us AS (
    SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user
    UNION SELECT m.roleid FROM pg_catalog.pg_auth_members AS m JOIN us ON m.member = us.oid
      WHERE coalesce((to_jsonb(m) ->> 'inherit_option'::text)::boolean, true)
        OR coalesce((to_jsonb(m) ->> 'set_option'::text)::boolean, true)),
  ours AS (SELECT oid, nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'vambe_identity'),
  tables AS (SELECT c.oid, c.relname, c.relowner, c.relrowsecurity, c.relacl
    FROM pg_catalog.pg_class AS c JOIN ours ON c.relnamespace = ours.oid
    WHERE c.relkind NOT IN ('i', 'I', 't', 'c')),
  strangers AS (SELECT oid, rolname FROM pg_catalog.pg_roles
    WHERE NOT rolsuper AND oid NOT IN (SELECT oid FROM us))`;

/** Nobody's operators or functions but PostgreSQL's own: those of a schema in which others may create could be his. */
export async function inCatalog<T extends object>(
  client: ClientBase,
  statement: string,
  values: unknown[] = [],
): Promise<T[]> {
  await client.query("BEGIN; SET LOCAL search_path = pg_catalog, pg_temp");
  try {
    return (await client.query<T>(statement, values)).rows;
  } finally {
    await client.query("ROLLBACK").catch(() => {});
  }
}

import type { ClientBase } from "pg";
import { UnfitDatabase } from "./schema.ts";

/**
 * The rule: the schema and all that is in it belong to the account that the exchange has, to a role that it is a member
 * of, or to a superuser; and nobody has hung anything on its tables: no trigger, no rule, no row security. The owner of a
 * schema can put a table of his own in the place of ours, and what hangs on a table runs with our rights and sees each
 * row: names, emails, and the key that signs. So it is looked at before anything in the schema is read.
 */
const FOREIGN = `
  WITH ours AS (SELECT oid, nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'vambe_identity'),
  tables AS (SELECT c.oid, c.relname, c.relowner, c.relrowsecurity
    FROM pg_catalog.pg_class AS c JOIN ours ON c.relnamespace = ours.oid
    WHERE c.relkind NOT IN ('i', 'I', 't')),
  strangers AS (SELECT oid, rolname FROM pg_catalog.pg_roles
    WHERE NOT rolsuper AND NOT pg_catalog.pg_has_role(current_user, oid, 'MEMBER'))
  SELECT 'owner' AS kind, 'SCHEMA vambe_identity' AS what, rolname::text AS name
    FROM ours JOIN strangers ON strangers.oid = nspowner
  UNION ALL SELECT 'owner', 'TABLE vambe_identity.' || relname, rolname::text
    FROM tables JOIN strangers ON strangers.oid = relowner
  UNION ALL SELECT 'owner', 'FUNCTION vambe_identity.' || proname, rolname::text
    FROM pg_catalog.pg_proc JOIN ours ON pronamespace = ours.oid JOIN strangers ON strangers.oid = proowner
  UNION ALL SELECT 'hook', 'trigger ' || tgname, relname::text
    FROM pg_catalog.pg_trigger JOIN tables ON tgrelid = tables.oid WHERE NOT tgisinternal
  UNION ALL SELECT 'hook', 'rule ' || rulename, relname::text
    FROM pg_catalog.pg_rewrite JOIN tables ON ev_class = tables.oid WHERE rulename <> '_RETURN'
  UNION ALL SELECT 'hook', 'policy ' || polname, relname::text
    FROM pg_catalog.pg_policy JOIN tables ON polrelid = tables.oid
  UNION ALL SELECT 'hook', 'row security', relname::text FROM tables WHERE relrowsecurity
  LIMIT 1`;

/** @throws {UnfitDatabase} where somebody else could read along, with the remedy */
export async function checkOwnership(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ kind: "owner" | "hook"; what: string; name: string }>(FOREIGN);
  const [found] = rows;
  if (!found) return;
  const { kind, what, name } = found;
  throw new UnfitDatabase(
    kind === "owner"
      ? `${what} belongs to ${name}, who could read names, emails and the signing key: as a superuser, run ALTER ${what} OWNER TO the account in VAMBE_DATABASE_URL, once you know how that came about`
      : `there is a ${what} on the table vambe_identity.${name}, which sees names, emails and the signing key: drop it, once you know who has made it`,
  );
}

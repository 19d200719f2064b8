import type { ClientBase } from "pg";
import { inCatalog, OURS } from "./catalog.ts";
import { UnfitDatabase } from "./schema.ts";

/**
 * The rule: the schema and all that is in it belong to the account that the exchange has, to a role whose rights it has,
 * or to a superuser; and nobody has hung anything on its tables: no trigger, no rule, no row security. The owner of a
 * schema can put a table of his own in the place of ours, and what hangs on a table runs with our rights and sees each
 * row: ids, and the key that signs. So it is looked at before anything in the schema is read.
 */
const FOREIGN = `
  WITH RECURSIVE ${OURS},
  owned AS (
    SELECT 'SCHEMA vambe_identity' AS what, nspowner AS owner FROM ours
    UNION ALL SELECT format('TABLE vambe_identity.%I', relname), relowner FROM tables
    UNION ALL SELECT format('%s vambe_identity.%I(%s)', CASE prokind WHEN 'f' THEN 'FUNCTION' ELSE 'ROUTINE' END,
        proname, pg_get_function_identity_arguments(p.oid)), proowner
      FROM pg_catalog.pg_proc AS p JOIN ours ON pronamespace = ours.oid),
  hooks AS (
    SELECT 'TRIGGER' AS kind, tgname AS name, relname FROM pg_catalog.pg_trigger JOIN tables ON tgrelid = tables.oid
      WHERE NOT tgisinternal
    UNION ALL SELECT 'RULE', rulename, relname FROM pg_catalog.pg_rewrite JOIN tables ON ev_class = tables.oid
      WHERE rulename <> '_RETURN'
    UNION ALL SELECT 'POLICY', polname, relname FROM pg_catalog.pg_policy JOIN tables ON polrelid = tables.oid)
  SELECT 'owner' AS kind, format('%s belongs to %I', what, rolname) AS finding,
      format('ALTER %s OWNER TO %I', what, current_user) AS remedy
    FROM owned JOIN strangers ON strangers.oid = owner
  UNION ALL SELECT 'hook', format('there is a %s %I on the table vambe_identity.%I', lower(kind), name, relname),
      format('DROP %s %I ON vambe_identity.%I', kind, name, relname) FROM hooks
  UNION ALL SELECT 'hook', format('there is row security on the table vambe_identity.%I', relname),
      format('ALTER TABLE vambe_identity.%I DISABLE ROW LEVEL SECURITY', relname) FROM tables WHERE relrowsecurity`;

interface Finding {
  kind: "owner" | "hook";
  finding: string;
  remedy: string;
}

/**
 * @param isCommand where the account may be another than the exchange's, so that to give it the schema would take that
 * from the exchange
 * @throws {UnfitDatabase} where somebody else could read along, with all there is to do
 */
export async function checkOwnership(
  client: ClientBase,
  { isCommand }: { isCommand: boolean },
): Promise<void> {
  const rows = await inCatalog<Finding>(client, FOREIGN);
  if (rows.length === 0) return;
  const found = rows.map(({ finding }) => `  ${finding}\n`).join("");
  const seen = `who could read user ids and the signing key:\n${found}`;
  if (isCommand && rows.some(({ kind }) => kind === "owner")) {
    throw new UnfitDatabase(
      `the schema vambe_identity is not all the own of the account in VAMBE_DATABASE_URL, but of somebody ${seen}For a command, use the exchange's own account. Where that is this one, start the exchange: it says what there is to do`,
    );
  }
  const statements = rows.map(({ remedy }) => `  ${remedy};\n`).join("");
  throw new UnfitDatabase(
    `in the schema vambe_identity there is something of somebody ${seen}Once you know how that came about, run this, as a superuser or as an account that is a member of all the roles in it:\n${statements}`,
  );
}

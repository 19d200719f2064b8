import type { ClientBase } from "pg";
import { inCatalog, OURS } from "./catalog.ts";

/** What an operator should see of what other accounts may do, each with its remedy. */
export async function warningsOfGrants(client: ClientBase): Promise<string[]> {
  const warnings = [await warningOfTables(client), await warningOfSchemas(client)];
  return warnings.filter((warning) => warning !== undefined);
}

/** What others may do with rows and keys. The owner's own rights are no grants. */
const GRANTS = `
  WITH RECURSIVE ${OURS},
  granted AS (
    SELECT acl.grantee FROM tables, aclexplode(relacl) AS acl WHERE relname IN ('secret', 'contact')
    UNION SELECT acl.grantee FROM tables JOIN pg_catalog.pg_attribute ON attrelid = tables.oid, aclexplode(attacl) AS acl
      WHERE relname IN ('secret', 'contact'))
  SELECT coalesce(quote_ident(rolname), 'PUBLIC') AS name FROM granted LEFT JOIN strangers ON strangers.oid = grantee
    WHERE rolname IS NOT NULL OR grantee = 0::oid
    ORDER BY name`;

async function warningOfTables(client: ClientBase): Promise<string | undefined> {
  const names = (await inCatalog<{ name: string }>(client, GRANTS)).map(({ name }) => name).join(", ");
  if (names === "") return undefined;
  return `the users' rows, or the signing key, are granted to ${names}: unless that is meant, run REVOKE ALL ON ALL TABLES IN SCHEMA vambe_identity FROM ${names}; and look for the ALTER DEFAULT PRIVILEGES that may have granted it`;
}

/** Who may create where PostgreSQL looks for operators and functions. A database's owner is trusted with it. */
const CREATORS = `
  WITH RECURSIVE ${OURS},
  looked_in AS (
    SELECT nspname, acl.grantee
    FROM pg_catalog.pg_namespace, aclexplode(coalesce(nspacl, acldefault('n'::"char", nspowner))) AS acl
    WHERE nspname = ANY($1::name[]) AND nspname <> 'vambe_identity' AND acl.privilege_type = 'CREATE'),
  owner AS (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database())
  SELECT DISTINCT quote_ident(nspname) AS schema, coalesce(quote_ident(rolname), 'PUBLIC') AS name
  FROM looked_in LEFT JOIN strangers ON strangers.oid = grantee
    AND strangers.oid NOT IN (SELECT datdba FROM owner) AND rolname <> 'pg_database_owner'
  WHERE rolname IS NOT NULL OR grantee = 0::oid
  ORDER BY schema, name`;

async function warningOfSchemas(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ names: string[] }>(
    "SELECT pg_catalog.current_schemas(false)::pg_catalog.text[] AS names",
  );
  const found = await inCatalog<{ schema: string; name: string }>(client, CREATORS, [rows[0]?.names ?? []]);
  if (found.length === 0) return undefined;
  const statements = found.map(({ schema, name }) => `REVOKE CREATE ON SCHEMA ${schema} FROM ${name};`);
  return `others may create operators and functions where PostgreSQL looks for those that the exchange uses, and theirs would run with its rights: run ${statements.join(" ")} or add to VAMBE_DATABASE_URL ?options=-c%20search_path%3Dpg_catalog (behind a pooler, have the account start with it: ALTER ROLE … SET search_path = pg_catalog)`;
}

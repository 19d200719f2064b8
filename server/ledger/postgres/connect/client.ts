import pg from "pg";
import { forSchema, SCHEMA } from "./schema-name.ts";
import { createTlsOptions } from "./tls.ts";
import type { DatabaseUrl } from "./url.ts";

/**
 * The pool makes its own clients, and hides the password, so that a copy of its options has none. Statements are written for
 * one schema, and may have to be for another.
 */
export function clientFor({ tls, schema, client: { password } }: DatabaseUrl): typeof pg.Client {
  const tlsOptions = createTlsOptions(tls);
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, password, ssl: tlsOptions() });
      if (schema === SCHEMA) return;
      const query = this.query.bind(this) as (...all: unknown[]) => unknown;
      const other = (statement: unknown, ...more: unknown[]) => query(named(statement, schema), ...more);
      this.query = other as typeof this.query;
    }
  };
}

function named(statement: unknown, schema: string): unknown {
  if (typeof statement === "string") return forSchema(statement, schema);
  const config = statement as { text?: string };
  if (typeof config.text === "string") config.text = forSchema(config.text, schema);
  return config;
}

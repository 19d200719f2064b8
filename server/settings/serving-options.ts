import { z } from "zod/mini";
import { databaseUrlMistake } from "../ledger/postgres/connect/url.ts";
import { signingKeyMistake } from "../token/signing-key.ts";
import { text, webUrl, without, yesOrNo } from "./checks.ts";
import { asNumber, asText } from "./readers.ts";
import type { Setting } from "./setting.ts";

/** Where the exchange is reached, what it keeps and what it bears. */
export const SERVING_OPTIONS = {
  publicUrl: {
    check: webUrl("https://id.example.com"),
    variable: "VAMBE_PUBLIC_URL",
    read: asText,
    doc: "how browsers reach the exchange, and the issuer of its tokens (`http://localhost:8787`)",
  },
  databaseUrl: {
    check: z._default(
      text.check(
        z.regex(/^(file:.+|memory:|postgres(ql)?:\/\/.+)$/s, {
          error: ({ input }) =>
            /^\s*(host|hostaddr|dbname|user|service|port)\s*=/.test(String(input))
              ? "has the form key=value, which is not taken: write postgres://user:password@host:5432/database"
              : "must be file:<path>, postgres://user:password@host:5432/database or memory:",
        }),
        without((url) => (/^postgres(ql)?:/.test(url) ? databaseUrlMistake(url) : undefined)),
      ),
      "file:vambe-identity.db",
    ),
    variable: "VAMBE_DATABASE_URL",
    read: asText,
    file: true,
    doc: "a file, or `postgres://user:password@host/database` for several instances ([postgresql.md](../postgresql.md)); `memory:` keeps nothing",
  },
  signingKey: {
    check: z.optional(
      z.string({ error: "must be a private P-256 key as a JWK, in JSON" }).check(without(signingKeyMistake)),
    ),
    variable: "VAMBE_SIGNING_KEY",
    read: asText,
    file: true,
    doc: "the private JWK (P-256) that signs the tokens (made once, kept in the database; [keys.md](../keys.md))",
  },
  trustProxy: {
    check: z._default(
      z
        .int({ error: "must be the number of proxies in front, such as 1" })
        .check(z.gte(0, "must be at least 0"), z.lte(10, "must be at most 10")),
      0,
    ),
    variable: "VAMBE_TRUST_PROXY",
    read: asNumber,
    doc: "how many proxies in front are believed about the client's address ([behind a proxy](#behind-a-proxy))",
  },
  rateLimit: {
    check: z._default(
      z
        .number({ error: "must be a number of requests a minute, such as 300" })
        .check(z.gte(0, "must be at least 0")),
      300,
    ),
    variable: "VAMBE_RATE_LIMIT",
    read: asNumber,
    doc: "identifies a minute from one address, and half as many as one user; refusals are counted apart, up to the same number; 0 sets no limit",
  },
  compress: {
    check: z._default(yesOrNo, true),
  },
} as const satisfies Record<string, Setting>;

import { z } from "zod/mini";
import { isLoopbackHost } from "../guarded-fetch/secure-url.ts";
import { text } from "./checks.ts";
import { asNumber, asText } from "./readers.ts";
import type { Setting } from "./setting.ts";
import type { SettingMistake } from "./settings-error.ts";

const PORT_RANGE = "must be a port number from 1 to 65535";
const port = z.int({ error: PORT_RANGE }).check(z.gte(1, PORT_RANGE), z.lte(65535, PORT_RANGE));
/** Of `VAMBE_ADMIN_TOKEN`, in bytes. */
const LEAST_TOKEN = 32;
const TOKEN = `must be at least ${LEAST_TOKEN} letters, digits and signs without a space: make one with \`openssl rand -hex 32\``;

/** What `serve` takes beside the options of `createExchange`. */
export const LISTENER = {
  port: {
    check: z._default(port, 8787),
    variable: "PORT",
    read: asNumber,
    doc: "where it listens",
  },
  host: {
    check: z._default(text, "0.0.0.0"),
    variable: "HOST",
    read: asText,
    doc: "on which of the machine's addresses",
  },
  adminPort: {
    check: z.optional(port),
    variable: "VAMBE_ADMIN_PORT",
    read: asNumber,
    doc: "where the page for operators and `/metrics` are ([admin.md](../admin.md)) (none)",
  },
  adminHost: {
    check: z._default(text, "127.0.0.1"),
    variable: "VAMBE_ADMIN_HOST",
    read: asText,
    doc: "on which of the machine's addresses they are",
  },
  adminToken: {
    check: z.optional(
      z.string(TOKEN).check(z.regex(/^[\x21-\x7e]+$/, TOKEN), z.minLength(LEAST_TOKEN, TOKEN)),
    ),
    variable: "VAMBE_ADMIN_TOKEN",
    read: asText,
    file: true,
    doc: "what opens them; required where `VAMBE_ADMIN_HOST` is not this machine alone",
  },
} as const satisfies Record<string, Setting>;

export type Listener = {
  [Name in keyof typeof LISTENER]: ReturnType<(typeof LISTENER)[Name]["check"]["parse"]>;
};

/** What is wrong with them together. */
export function mistakesInListener({ port, adminPort, adminHost, adminToken }: Listener): SettingMistake[] {
  const mistakes: SettingMistake[] = [];
  if (adminPort !== undefined && adminToken === undefined && !isLoopbackHost(bracketed(adminHost)))
    mistakes.push({
      setting: "VAMBE_ADMIN_TOKEN",
      detail:
        "is required where VAMBE_ADMIN_HOST is not this machine alone (127.0.0.1): make one with `openssl rand -hex 32`",
    });
  if (adminPort === port)
    mistakes.push({ setting: "VAMBE_ADMIN_PORT", detail: "must be another port than PORT" });
  return mistakes;
}

const bracketed = (host: string) => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);

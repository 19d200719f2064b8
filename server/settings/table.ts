import { z } from "zod/mini";
import { text } from "./checks.ts";
import { PROOF_OPTIONS } from "./proof-options.ts";
import { asNumber, asText } from "./readers.ts";
import { SERVING_OPTIONS } from "./serving-options.ts";
import type { Setting } from "./setting.ts";
import { VAMBE_OPTIONS } from "./vambe-options.ts";

/**
 * All options of `createExchange`, in the order of the README: each with its check, default, variable, reader and line
 * of documentation. Types, environment, mistakes and README come from here.
 */
export const OPTIONS = { ...VAMBE_OPTIONS, ...PROOF_OPTIONS, ...SERVING_OPTIONS };

const PORT_RANGE = "must be a port number from 1 to 65535";

/** What `serve` takes beside it. */
export const LISTENER = {
  port: {
    check: z._default(
      z.int({ error: PORT_RANGE }).check(z.gte(1, PORT_RANGE), z.lte(65535, PORT_RANGE)),
      8787,
    ),
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
} as const satisfies Record<string, Setting>;

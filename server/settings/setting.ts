import type { z } from "zod/mini";

/** All that is known of one setting, but for what an editor shows of the option (exchange-options.ts). */
export interface Setting {
  /** Checks a value and has the default in it. Its messages name the remedy and never the value. */
  check: z.ZodMiniType;
  /** The environment variable; a setting without one is for `createExchange` alone. */
  variable?: string;
  /** Turns the variable's text into what `check` takes. */
  read?: (text: string) => unknown;
  /** Whether `<variable>_FILE` may name a file that holds it, as container platforms hand secrets over. */
  file?: true;
  /** Its line in docs/reference/settings.md, without the default. */
  doc?: string;
}

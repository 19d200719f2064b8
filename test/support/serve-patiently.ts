/** The exchange with a stop that goes on until a second signal ends it. */
import { serve } from "../../server/cli/serve.ts";

await serve([], process.env, { graceMs: 3_600_000 });

import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Nuxt",
  folder: import.meta.dirname,
  libraries: "nuxt",
  framework: "nuxt",
  build: [["nuxt", "build"]],
  buildEnvironment: { NUXT_TELEMETRY_DISABLED: "1" },
  alone: ".output",
  start: ["node", "server/index.mjs"],
  source: ["server/exchange.js", "server/routes/identity/[...].js", "server/plugins/close-exchange.js"],
  know: "The same for Nitro alone, with a preset that runs on Node. `.output` has all that it takes. Nitro calls `close` when its server has stopped. It does not compress: the exchange does.",
  unknownPath: "exchange",
};

import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Astro",
  folder: import.meta.dirname,
  libraries: "astro",
  framework: "astro",
  build: [["astro", "build"]],
  buildEnvironment: { ASTRO_TELEMETRY_DISABLED: "1" },
  start: ["node", "dist/server/entry.mjs"],
  source: ["src/pages/identity/[...path].js", "astro.config.mjs"],
  know: "Tried with `@astrojs/node`, standalone, which has no hook for the end: the app ends itself. Astro refuses forms of other origins, so also `POST /token`: `checkOrigin: false` leaves that to each page of yours, and the exchange looks at the origin itself.",
  unknownPath: "exchange",
};

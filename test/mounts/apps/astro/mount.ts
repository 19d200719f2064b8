import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Astro",
  folder: import.meta.dirname,
  libraries: "astro",
  framework: "astro",
  build: [["astro", "build"]],
  buildEnvironment: { ASTRO_TELEMETRY_DISABLED: "1" },
  start: ["node", "dist/server/entry.mjs"],
  source: "src/pages/identity/[...path].js",
  know: "Tried with `@astrojs/node`, standalone, which has no hook for the end: the app ends itself. Pages need no setting of Astro; `POST /token`, a form that servers send, is refused by it unless `security.checkOrigin` is `false` for the whole site.",
  unknownPath: "exchange",
};

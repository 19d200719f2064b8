import { BEHIND_BODY_PARSERS, type Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Nest 11",
  folder: import.meta.dirname,
  libraries: "servers",
  framework: "@nestjs/core",
  build: [["tsc", "-p", "tsconfig.json"]],
  start: ["node", "dist/main.js"],
  source: "main.ts",
  know: "`app.use` before `app.listen` comes before Nest's own body parsers; behind `app.useBodyParser` it works too. Without `useProcessExit` Nest ends by the signal, and not with code 0.",
  variants: [{ name: "as it is" }, BEHIND_BODY_PARSERS],
  unknownPath: "host",
};

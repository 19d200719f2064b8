import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Bun",
  folder: import.meta.dirname,
  libraries: "runtimes",
  framework: "bun",
  start: ["bun", "app.ts"],
  source: "app.ts",
  know: "`requestIP` knows the visitor's address.",
  unknownPath: "exchange",
};

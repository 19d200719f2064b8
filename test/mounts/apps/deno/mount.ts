import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Deno",
  folder: import.meta.dirname,
  libraries: "runtimes",
  framework: "deno",
  start: ["deno", "run", "--allow-all", "app.ts"],
  source: "app.ts",
  know: "",
  unknownPath: "exchange",
};

import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Deno",
  folder: import.meta.dirname,
  libraries: "runtimes",
  framework: "deno",
  start: ["deno", "run", "--allow-net", "--allow-env", "--allow-read", "--allow-write", "app.ts"],
  source: "app.ts",
  know: "`remoteAddr.hostname` is the visitor's address. It has run with `--allow-net --allow-env --allow-read --allow-write`.",
  unknownPath: "exchange",
};

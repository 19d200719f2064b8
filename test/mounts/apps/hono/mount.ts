import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Hono",
  folder: import.meta.dirname,
  libraries: "servers",
  framework: "hono",
  start: ["node", "app.js"],
  source: "app.js",
  know: "`getConnInfo` of your adapter knows the visitor's address.",
  unknownPath: "exchange",
};

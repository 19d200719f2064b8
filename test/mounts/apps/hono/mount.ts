import { BEHIND_COMPRESSION, type Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Hono",
  folder: import.meta.dirname,
  libraries: "servers",
  framework: "hono",
  start: ["node", "app.js"],
  source: "app.js",
  know: "`getConnInfo` of your adapter knows the visitor's address.",
  variants: [{ name: "as it is" }, BEHIND_COMPRESSION],
  unknownPath: "exchange",
};

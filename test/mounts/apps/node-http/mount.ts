import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "`node:http`",
  folder: import.meta.dirname,
  start: ["node", "app.js"],
  source: "app.js",
  know: "Without a third argument the exchange answers what it does not know, with 404.",
  unknownPath: "exchange",
};

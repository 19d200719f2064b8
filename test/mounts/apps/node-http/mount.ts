import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "`node:http`",
  folder: import.meta.dirname,
  start: ["node", "app.js"],
  source: "app.js",
  know: "The third argument is called for what is not the exchange's. Without it the exchange answers that too, with 404.",
  unknownPath: "host",
};

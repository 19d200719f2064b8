import { BEHIND_BODY_PARSERS, BEHIND_COMPRESSION, type Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Express 5",
  folder: import.meta.dirname,
  libraries: "servers",
  framework: "express",
  start: ["node", "app.js"],
  source: "app.js",
  know: "Before or behind `express.json()`: both work. Before it, the exchange's own limits and answers hold.",
  variants: [{ name: "as it is" }, BEHIND_BODY_PARSERS, BEHIND_COMPRESSION],
  unknownPath: "host",
};

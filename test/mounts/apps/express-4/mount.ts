import { BEHIND_BODY_PARSERS, type Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Express 4",
  folder: import.meta.dirname,
  libraries: "servers",
  framework: "express4",
  start: ["node", "app.js"],
  source: "app.js",
  know: "Before or behind `express.json()`: both work. Before it, the exchange's own limits and answers hold.",
  variants: [{ name: "as it is" }, BEHIND_BODY_PARSERS],
  unknownPath: "host",
};

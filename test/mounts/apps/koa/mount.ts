import { BEHIND_BODY_PARSERS, type Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Koa 3",
  folder: import.meta.dirname,
  libraries: "servers",
  framework: "koa",
  start: ["node", "app.js"],
  source: "app.js",
  know: "`ctx.respond = false` leaves the answer to the exchange. `ctx.request.body` is what a body parser in front has read; without one the line does no harm.",
  variants: [{ name: "as it is" }, BEHIND_BODY_PARSERS],
  unknownPath: "exchange",
};

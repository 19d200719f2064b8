import { BEHIND_BODY_PARSERS, type Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "Fastify 5",
  folder: import.meta.dirname,
  libraries: "servers",
  framework: "fastify",
  start: ["node", "app.js"],
  source: "app.js",
  know: "The hook comes before Fastify's body parsers. A route has to say `reply.hijack()` and to hand over what has been parsed: `identity(Object.assign(request.raw, { body: request.body }), reply.raw)`; forms then need `@fastify/formbody`.",
  variants: [{ name: "as it is" }, { ...BEHIND_BODY_PARSERS, unknownPath: "exchange" }],
  unknownPath: "host",
};

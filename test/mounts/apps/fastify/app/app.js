import formbody from "@fastify/formbody";
import fastify from "fastify";
// mount: where the requests go
import { createExchangeFromEnv, toNodeListener } from "vambe-identity";

const exchange = createExchangeFromEnv();
const identity = toNodeListener(exchange);
// :mount

const app = fastify({ forceCloseConnections: true });
if (process.env.BODY_PARSERS) {
  await app.register(formbody);
  app.all("/identity/*", (request, reply) => {
    reply.hijack();
    identity(Object.assign(request.raw, { body: request.body }), reply.raw);
  });
} else {
  // mount: the routes
  app.addHook("onRequest", (request, reply, done) => identity(request.raw, reply.raw, done));
  // :mount
}
app.get("/", () => "The shop");
// mount: the end
app.addHook("onClose", () => exchange.close());
// :mount
process.once("SIGTERM", () => app.close());

await app.listen({ port: Number(process.env.PORT), host: process.env.HOST });

// mount: where the requests go
import { createExchangeFromEnv } from "vambe-identity";

const exchange = createExchangeFromEnv();
// :mount

// mount: the routes
const server = Bun.serve({
  port: Number(process.env.PORT),
  hostname: process.env.HOST ?? "127.0.0.1",
  routes: {
    "/identity/*": (request, server) => exchange.fetch(request, server.requestIP(request) ?? {}),
    "/": new Response("The shop"),
  },
  fetch: () => new Response("There is no such page", { status: 404 }),
});
// :mount
// mount: the end
process.once("SIGTERM", async () => {
  await server.stop();
  await exchange.close();
});
// :mount

import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { compress } from "hono/compress";
// mount: where the requests go
import { createExchangeFromEnv } from "vambe-identity";

const exchange = createExchangeFromEnv();
// :mount

const app = new Hono();
if (process.env.COMPRESSION) app.use(compress({ threshold: 0 }));
app.get("/", (c) => c.text("The shop"));
// mount: the routes
app.all("/identity/*", (c) => exchange.fetch(c.req.raw, getConnInfo(c).remote));
// :mount

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: process.env.HOST });
// mount: the end
process.once("SIGTERM", () => server.close(() => exchange.close()));
// :mount

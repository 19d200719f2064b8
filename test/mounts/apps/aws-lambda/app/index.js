// mount: where the requests go
import { Hono } from "hono";
import { getConnInfo, handle } from "hono/aws-lambda";
import { createExchangeFromEnv } from "vambe-identity";

const exchange = createExchangeFromEnv();
const app = new Hono();
// :mount
app.get("/", (c) => c.text("The shop"));
// mount: the routes
app.all("/identity/*", (c) => exchange.fetch(c.req.raw, getConnInfo(c).remote));
export const handler = handle(app);
// :mount
// mount: the end
process.once("SIGTERM", () => exchange.close());
// :mount

import { bodyParser } from "@koa/bodyparser";
import Koa from "koa";
// mount: where the requests go
import { createExchangeFromEnv, toNodeListener } from "vambe-identity";

const exchange = createExchangeFromEnv();
const identity = toNodeListener(exchange);
// :mount

const app = new Koa();
if (process.env.BODY_PARSERS) app.use(bodyParser({ enableTypes: ["json", "form", "text"] }));
// mount: the routes
app.use((ctx, next) => {
  if (!ctx.path.startsWith("/identity/")) return next();
  ctx.respond = false;
  ctx.req.body = ctx.request.body;
  identity(ctx.req, ctx.res);
});
// :mount
app.use((ctx) => {
  if (ctx.path === "/") ctx.body = "The shop";
});

const server = app.listen(Number(process.env.PORT), process.env.HOST);
// mount: the end
process.once("SIGTERM", () => server.close(() => exchange.close()));
// :mount

import compression from "compression";
import express from "express";
// mount: where the requests go
import { createExchangeFromEnv, toNodeListener } from "vambe-identity";

const exchange = createExchangeFromEnv();
// :mount

const app = express();
app.disable("x-powered-by");
if (process.env.COMPRESSION) app.use(compression({ threshold: 0 }));
if (process.env.BODY_PARSERS) app.use(express.json(), express.urlencoded({ extended: false }));
// mount: the routes
app.use("/identity", toNodeListener(exchange));
// :mount
app.get("/", (_request, response) => response.type("text").send("The shop"));

const server = app.listen(Number(process.env.PORT), process.env.HOST);
// mount: the end
process.once("SIGTERM", () => server.close(() => exchange.close()));
// :mount

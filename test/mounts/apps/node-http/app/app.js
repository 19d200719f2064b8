import { createServer } from "node:http";
// mount: where the requests go
import { createExchangeFromEnv, toNodeListener } from "vambe-identity";

const exchange = createExchangeFromEnv();
const identity = toNodeListener(exchange);
// :mount

const site = (request, response) => {
  response.writeHead(request.url === "/" ? 200 : 404, { "content-type": "text/plain" });
  response.end(request.url === "/" ? "The shop" : "There is no such page");
};
// mount: the routes
const server = createServer((request, response) => {
  identity(request, response, () => site(request, response));
});
// :mount
server.listen(process.env.PORT, process.env.HOST);
// mount: the end
process.once("SIGTERM", () => server.close(() => exchange.close()));
// :mount

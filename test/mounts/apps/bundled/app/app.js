import { createServer } from "node:http";
// mount: where the requests go
import { createExchangeFromEnv, toNodeListener } from "vambe-identity";

const exchange = createExchangeFromEnv();
const identity = toNodeListener(exchange);
// :mount

const server = createServer((request, response) => {
  identity(request, response, () => response.end("The shop"));
});
server.listen(process.env.PORT, process.env.HOST);
process.once("SIGTERM", () => server.close(() => exchange.close()));

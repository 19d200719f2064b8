/**
 * Calls the function as an HTTP API of API Gateway does: an event of payload format 2.0 for each request, and the answer
 * made of what the function returns.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const { handler } = await import(`./${process.env.FUNCTION}`);
/** Bodies of other types come in base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml))/;

async function eventOf(request) {
  const { pathname, search } = new URL(request.url, "http://gateway");
  const { cookie, connection, "transfer-encoding": _, ...headers } = request.headers;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const isText = TEXT.test(headers["content-type"] ?? "");
  const at = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie && { cookies: cookie.split("; ") }),
    headers: {
      ...headers,
      "content-length": String(body.length),
      "x-forwarded-for": request.socket.remoteAddress,
    },
    requestContext: {
      accountId: "123456789012",
      apiId: "api-id",
      domainName: headers.host,
      domainPrefix: "api-id",
      http: {
        method: request.method,
        path: pathname,
        protocol: "HTTP/1.1",
        sourceIp: request.socket.remoteAddress,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: at.toUTCString(),
      timeEpoch: at.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

const context = {
  awsRequestId: randomUUID(),
  functionName: "identity",
  getRemainingTimeInMillis: () => 30_000,
};
const server = createServer(async (request, response) => {
  const event = await eventOf(request).catch(() => undefined);
  if (!event) return;
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = "",
    isBase64Encoded,
  } = await handler(event, context);
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  response.writeHead(statusCode, headers);
  response.end(Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
});
server.listen(process.env.PORT, process.env.HOST);
process.once("SIGTERM", () => server.close());

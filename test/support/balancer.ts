import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "./eventually.ts";
import { rawRequest } from "./raw-request.ts";

/** How often it asks each instance whether it is ready, in milliseconds. */
const POLL_MS = 200;

/** A load balancer in small: each request goes once, to the next instance that is ready, over connections that are kept. */
export async function startBalancer(ports: readonly number[]) {
  const agent = new Agent({ keepAlive: true });
  const instances = ports.map((port) => ({ url: `http://127.0.0.1:${port}` }));
  const isIn = new Set(instances);
  let next = 0;
  const poll = setInterval(() => {
    for (const instance of instances)
      rawRequest(`${instance.url}/readyz`).then(
        ({ status }) => (status === 200 ? isIn.add(instance) : isIn.delete(instance)),
        () => isIn.delete(instance),
      );
  }, POLL_MS);
  const server = createServer((incoming, outgoing) => {
    const fail = (status: number) => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(status).end();
    };
    const [...choices] = isIn;
    const instance = choices[next++ % choices.length];
    if (!instance) return fail(503);
    const { method, url, headers } = incoming;
    const onward = request(instance.url + url, { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { "content-type": "application/json" });
      answer.pipe(outgoing);
      answer.on("error", () => fail(502));
    });
    onward.on("error", () => fail(502));
    incoming.pipe(onward);
  }).listen(0, "127.0.0.1");
  await eventually("the proxy listens", () => server.listening);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      clearInterval(poll);
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

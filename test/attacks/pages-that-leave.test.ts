import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { createNodeListener } from "../../server/http/edge/node.ts";
import { InFlight } from "../../server/in-flight.ts";
import { eventually } from "../support/eventually.ts";
import { mountExchange } from "../support/mounted-exchange.ts";
import { startPostgres } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { ORIGIN, startWorld } from "../support/world.ts";

/** A page leaves while the exchange is busy with its request: nothing may wait for it for ever. */

const head = `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\n`;
/** A request whose body has begun. */
const begun = `${head}Content-Length: 100\r\n\r\n{"user"`;

function visit(port: number): Socket {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.write(begun);
  return socket;
}

describe.concurrent("pages that leave", () => {
  test("6,000 before anybody has looked at their bodies are let go of", async () => {
    const inFlight = new InFlight();
    let lookNow = () => {};
    const looked = new Promise<void>((resolve) => {
      lookNow = resolve;
    });
    let broken = 0;
    const listener = createNodeListener(
      (call) =>
        inFlight.until(
          looked
            .then(() => call.bytes(1000))
            .catch(() => {
              broken += 1;
            })
            .then(() => ({ status: 200, headers: {} })),
        ),
      "https://id.example.com",
    );
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    for (let batch = 1; batch <= 12; batch++) {
      const pages = Array.from({ length: 500 }, () => visit(port));
      await eventually("all have come", () => inFlight.size === 500 * batch);
      for (const page of pages) page.resetAndDestroy();
    }
    await eventually(
      "all have gone",
      () => new Promise((resolve) => server.getConnections((_, count) => resolve(count === 0))),
    );
    lookNow();
    await eventually("none is held", () => inFlight.size === 0);
    expect(broken).toBe(6000);
    server.close();
  });

  test("while the database that counts them does not answer: the exchange still stops by itself", async () => {
    await using postgres = await startPostgres();
    await using proxy = await startTcpProxy(postgres.port);
    const url = new URL(await postgres.newDatabase());
    url.port = `${proxy.port}`;
    await using world = await startWorld({
      environment: { VAMBE_DATABASE_URL: url.href, VAMBE_RATE_LIMIT: "100000" },
    });
    expect((await world.signIn("before")).status).toBe(200);
    proxy.swallow();
    const pages = Array.from({ length: 500 }, () => visit(world.exchange.port));
    await Promise.all(pages.map((page) => once(page, "connect")));
    await world.page.send("/livez", {});
    for (const page of pages) page.resetAndDestroy();
    proxy.heal();
    await eventually("others are served", async () => (await world.signIn("after")).status === 200);
    const { code, output } = await world.exchange.stop();
    expect(output).toContain('"stopped"');
    expect(code).toBe(0);
  });
});

test.concurrent("an app whose own authentication never ends does not keep the exchange from closing", async () => {
  const mounted = await mountExchange({ authenticate: () => new Promise(() => {}) });
  void mounted.identify({ user: { id: "u" } });
  await mounted.identify({ user: 1 });
  await mounted[Symbol.asyncDispose]();
});

import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { ExchangeProcess } from "../../support/exchange-process.ts";
import { rawExchange } from "../../support/raw-request.ts";
import { startWorld, type World } from "../../support/world.ts";

const patiently = fileURLToPath(new URL("../../support/serve-patiently.ts", import.meta.url));
const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

function send(signal: NodeJS.Signals, exchange: ExchangeProcess): void {
  process.kill(exchange.pid() ?? 0, signal);
}

const said = ({ exchange }: World, words: RegExp) =>
  eventually(`the log says ${words}`, () => exchange.log().some(({ event }) => words.test(String(event))));

/** A connection that stays open, with one answer on it. */
async function keptConnection({ exchange }: World) {
  const socket = connect(exchange.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => (text += part));
  socket.on("error", () => {});
  const closed = once(socket, "close");
  socket.write(ask("/livez"));
  await eventually("it has its answer", () => text.includes("alive"));
  return { socket, closed, text: () => text };
}

describe.concurrent("from SIGTERM or SIGINT on", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s: /readyz says no, and why; all is answered",
    async (signal) => {
      await using world = await startWorld();
      const kept = await keptConnection(world);
      expect(kept.text()).not.toMatch(/connection: close/i);
      send(signal, world.exchange);
      await said(world, /^stopping/);
      const readiness = await world.page.send("/readyz", {});
      expect(readiness.status).toBe(503);
      expect(JSON.parse(readiness.text)).toEqual({
        status: "not ready",
        ledger: "ok",
        reason: "the exchange is stopping",
      });
      expect((await world.page.send("/livez", {})).status).toBe(200);
      expect((await world.signIn("new-connection", { name: "Jane" })).identity().status).toBe("delivered");
      kept.socket.write(ask("/webchat.json"));
      await kept.closed;
      expect(kept.text()).toMatch(
        /HTTP\/1\.1 200 OK\r\n.*alive.*HTTP\/1\.1 200 OK\r\nconnection: close\r\n/is,
      );
      expect(await world.exchange.stop(signal)).toMatchObject({ code: 0, signal: null });
    },
  );

  test("whoever asks is told to come on another connection, whatever the answer is", async () => {
    await using world = await startWorld();
    send("SIGTERM", world.exchange);
    await said(world, /^stopping/);
    for (const request of [
      ask("/readyz"),
      ask("/nowhere"),
      ask("/vambe-identity.js"),
      "POST /identify HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
      "OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n",
    ]) {
      // It resolves since the connection is closed.
      expect(await rawExchange(world.exchange.port, request), request).toMatch(/\r\nconnection: close\r\n/i);
    }
  });

  test("so is whoever had asked before", async () => {
    await using world = await startWorld({ vambe: { slowness: 1000 } });
    world.vambe.standIn.setFault("slow");
    const body = JSON.stringify({ user: { id: "u", name: "J" }, proof: world.proofFor("u", { name: "J" }) });
    const asked = rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: https://shop.example.com\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually("it is under way", () => world.vambe.standIn.upserts().length > 0);
    send("SIGTERM", world.exchange);
    expect(await asked).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*connection: close\r\n/i);
  });

  test("connections that idle are closed in the end, and hold up nothing", async () => {
    await using world = await startWorld();
    const kept = await keptConnection(world);
    const ended = world.exchange.stop("SIGTERM");
    await kept.closed;
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(kept.text().match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe.concurrent("signals", () => {
  test.each([
    ["SIGTERM", "SIGTERM"],
    ["SIGTERM", "SIGINT"],
    ["SIGINT", "SIGINT"],
  ] as const)("%s, and %s ends the wait at once, however long it is", async (first, second) => {
    await using world = await startWorld({ surroundings: { program: patiently } });
    send(first, world.exchange);
    await said(world, /^stopping/);
    expect((await world.signIn("u")).status).toBe(200);
    expect(await world.exchange.stop(second)).toMatchObject({ code: 0, signal: null });
    expect(world.exchange.log().at(-1)).toMatchObject({ event: "stopped" });
  });

  test("SIGHUP, as of a terminal that is closed, ends nothing, and one line says so", async () => {
    await using world = await startWorld();
    send("SIGHUP", world.exchange);
    await said(world, /SIGHUP/);
    expect((await world.signIn("u")).status).toBe(200);
    expect(world.exchange.log().filter(({ event }) => /SIGHUP/.test(String(event)))).toMatchObject([
      { level: "info" },
    ]);
    expect(await world.exchange.stop()).toMatchObject({ code: 0, signal: null });
  });
});

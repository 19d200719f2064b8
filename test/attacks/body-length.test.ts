import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { rawExchange } from "../support/raw-request.ts";
import { ORIGIN } from "../support/world.ts";
import {
  good,
  headers,
  nothingHappened,
  post,
  rememberTraces,
  shareOneWorld,
  world,
} from "./world-left-alone.ts";

/**
 * A body is sent whose length is too great or not what it says: a proxy and the exchange might differ on where it ends.
 * Each has a good proof in it. After each the exchange serves everybody else as before.
 */

shareOneWorld();

/** A request as bytes: `head` has further header lines, the body is sent as it stands. */
const send = (head: string[], body = "", start = "POST /identify HTTP/1.1") =>
  rawExchange(
    world.exchange.port,
    [
      start,
      "Host: x",
      `Origin: ${ORIGIN}`,
      "Connection: close",
      "Content-Type: application/json",
      ...head,
      "",
      body,
    ].join("\r\n"),
    { halfClose: true },
  );
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
const isRefusal = (status: number) => status === 0 || (status >= 400 && status < 500);

describe("a chunked body", () => {
  test("is read, in pieces too, as far as the limit", async () => {
    expect((await post(good("whole"), { chunked: true })).status).toBe(200);
    const inPieces = (body: string) => `${[...body].map((letter) => `1\r\n${letter}\r\n`).join("")}0\r\n\r\n`;
    const sent = `POST /identify HTTP/1.1\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await rawExchange(world.exchange.port, sent + inPieces(good("pieces")));
    expect(statusOf(answer)).toBe(200);
    rememberTraces();
    const long = good() + " ".repeat(32 * 1024 - good().length + 1);
    expect((await post(long, { chunked: true })).problem()).toMatchObject({ slug: "body-too-large" });
    expect(statusOf(await send(["Transfer-Encoding: chunked"], inPieces(long)))).toSatisfy(isRefusal);
    nothingHappened();
  });

  test("that breaks off is refused, even where what came is whole by itself", async () => {
    const body = good();
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n`;
    expect(statusOf(await send(["Transfer-Encoding: chunked"], chunk))).toSatisfy(isRefusal);
    nothingHappened();
  });

  test("has no second request hidden behind it: what is left over is refused by itself", async () => {
    const hidden = `POST /identify HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${good().length}\r\nConnection: close\r\n\r\n${good()}`;
    const answer = await rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${hidden}`,
    );
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["400", "403"]);
    nothingHappened();
  });

  test("of HTTP/1.0, which has no chunks, ends the connection at the latest (RFC 9112 §6.1)", async () => {
    const hidden = `GET /livez HTTP/1.1\r\n\r\n`;
    const answer = await rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.0\r\nConnection: keep-alive\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${hidden}`,
      { halfClose: true },
    );
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(statusOf(answer)).toSatisfy(isRefusal);
  });

  test.each([
    ["a length beside it", ["Content-Length: 5", "Transfer-Encoding: chunked"]],
    ["a length after it", ["Transfer-Encoding: chunked", "Content-Length: 5"]],
    ["an unknown coding", ["Transfer-Encoding: xchunked"]],
    ["two codings", ["Transfer-Encoding: identity, chunked"]],
    ["a blank before the colon", ["Transfer-Encoding : chunked"]],
    ["a vertical tab", ["Transfer-Encoding: \u000bchunked"]],
    ["a compression", ["Transfer-Encoding: gzip, chunked"]],
  ])("with %s is refused: no proxy is led astray", async (_, head) => {
    const hidden = `0\r\n\r\nPOST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\n\r\n`;
    expect(statusOf(await send(head, hidden))).toSatisfy((status: number) => status >= 400 && status < 500);
    nothingHappened();
  });

  test("whose chunks lie about their size, or never end, is refused", async () => {
    for (const chunks of [
      "ffffffffffffffff\r\nx",
      "-1\r\nx",
      "1\r\nxyz\r\n",
      `${"0".repeat(5000)}1\r\nx`,
      "1;",
    ]) {
      expect(statusOf(await send(["Transfer-Encoding: chunked"], chunks))).toSatisfy(isRefusal);
    }
    nothingHappened();
  });
});

describe("an oversized body", () => {
  test("is refused with 413 past 32 KB, however it is filled", async () => {
    const padded = (size: number) => post(good() + " ".repeat(size - good().length));
    for (const size of [32 * 1024 + 1, 64 * 1024])
      expect((await padded(size)).problem()).toMatchObject({ slug: "body-too-large", status: 413 });
    // Who goes on and on may be cut off before he has read why.
    for (const size of [1024 * 1024, 8 * 1024 * 1024])
      expect(
        await padded(size).then(
          ({ status }) => status,
          () => 413,
        ),
      ).toBe(413);
    expect((await post(" ".repeat(32 * 1024 - good().length) + good("fits"))).status).toBe(200);
    rememberTraces();
  });

  test("is not unpacked: a bomb of a few bytes stays one", async () => {
    const bomb = gzipSync(good() + " ".repeat(50_000_000), { level: 9 });
    for (const encoding of ["gzip", "br", "deflate", "zstd"]) {
      const sent = { headers: { ...headers, "content-encoding": encoding } };
      expect((await post(bomb.subarray(0, 16_000), sent)).status).toBe(400);
      expect((await post(gzipSync(good()), sent)).problem().slug).toBe("malformed-json");
    }
    nothingHappened();
  });
});

describe("a Content-Length that lies", () => {
  test.each([
    "-1",
    "+5",
    "0x10",
    "5x",
    "1e3",
    "5, 6",
    "5 6",
    "99999999999999999999999999",
    "\u0665",
    "5.0",
    "NaN",
  ])("(%s) is refused", async (length) => {
    expect(statusOf(await send([`Content-Length: ${length}`], good()))).toSatisfy(isRefusal);
    nothingHappened();
  });

  test("twice, with two values, is refused", async () => {
    const { length } = good();
    expect(statusOf(await send([`Content-Length: ${length}`, "Content-Length: 5"], good()))).toBe(400);
    nothingHappened();
  });

  test("over what comes: the answer waits for nothing", async () => {
    for (const more of [1, 100, 10_000]) {
      expect(statusOf(await send([`Content-Length: ${good().length + more}`], good()))).toSatisfy(isRefusal);
    }
    expect(statusOf(await send(["Content-Length: 10000000000"], good()))).toBe(413);
    nothingHappened();
  });

  test("under what comes: what is left over is a request of its own, and as such refused", async () => {
    const hidden = `POST /identify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${good().length}\r\n\r\n${good()}`;
    const body = `{}${hidden}`;
    const answer = await send(["Content-Length: 2"], body);
    expect(answer).not.toContain("HTTP/1.1 200");
    const keptOpen = await rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n${body}`,
      { halfClose: true },
    );
    expect([...keptOpen.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["400", "403"]);
    nothingHappened();
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reach } from "../../../server/guarded-fetch/guarded-connection.ts";
import { guardedGet } from "../../../server/guarded-fetch/guarded-get.ts";
import {
  hang,
  type Misbehaviour,
  reply,
  reset,
  startUpstream,
  type Upstream,
  write,
} from "../../support/upstream.ts";
import { reasonOf } from "./reason-of.ts";

const LOOPBACK: Reach = { loopback: true, privateNetworks: false };
const JSON_TYPE = { "content-type": "application/json" };

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream(hang);
});
afterAll(() => upstream[Symbol.asyncDispose]());

/** A GET from an upstream that behaves like this; the deadline is short. */
const get = (behaviour: Misbehaviour, deadlineMs = 2000) => {
  upstream.behave(behaviour);
  return guardedGet(`${upstream.url}/keys?a=1`, { reach: LOOPBACK, signal: AbortSignal.timeout(deadlineMs) });
};

describe("an answer", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/jwk-set+json",
    "Application/JSON",
  ])("is JSON where it says so: %s", async (type) => {
    const answer = await get(reply(200, '{"keys":[1]}', { "content-type": type }));
    expect(answer).toEqual({ status: 200, json: { keys: [1] }, setCookies: [] });
  });

  test.each(["text/html", "text/plain", "application/octet-stream", "application/jwt", ""])(
    "may be JSON under another type (%j), where the caller says so",
    async (type) => {
      const headers: Record<string, string> = type ? { "content-type": type } : {};
      upstream.behave(reply(200, "[1]", headers));
      expect(await guardedGet(upstream.url, { reach: LOOPBACK, anyType: true })).toMatchObject({ json: [1] });
      upstream.behave(reply(200, "<html>", headers));
      expect(await reasonOf(guardedGet(upstream.url, { reach: LOOPBACK, anyType: true }))).toMatch(
        /not JSON/,
      );
      upstream.behave(reply(200, `"${"x".repeat(256 * 1024)}"`, headers));
      expect(await reasonOf(guardedGet(upstream.url, { reach: LOOPBACK, anyType: true }))).toMatch(/larger/);
    },
  );

  test("may come in chunks", async () => {
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    expect(await get(write(`${head}3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n`))).toMatchObject({ json: [1, 2] });
  });

  test("other than 200 is a status and nothing else", async () => {
    expect(await get(reply(204))).toEqual({ status: 204, json: undefined, setCookies: [] });
    expect(await get(reply(401, '{"id":"u1"}', JSON_TYPE))).toEqual({
      status: 401,
      json: undefined,
      setCookies: [],
    });
    expect(await get(reply(500, "<h1>no</h1>"))).toEqual({ status: 500, json: undefined, setCookies: [] });
  });

  test.each<[string, Misbehaviour, RegExp]>([
    ["a redirect", reply(302, "", { location: "http://127.0.0.1/" }), /redirect/],
    ["a permanent redirect", reply(308, "", { location: "/" }), /redirect/],
    ["304", reply(304), /redirect/],
    ["HTML with 200", reply(200, "<html>", { "content-type": "text/html" }), /not JSON/],
    [
      "JSON that calls itself text",
      reply(200, "{}", { "content-type": "text/plain" }),
      /Content-Type is not application/,
    ],
    ["no type", reply(200, "{}"), /Content-Type is not application/],
    ["JSON in name only", reply(200, "{", JSON_TYPE), /not JSON/],
    ["an empty body", reply(200, "", JSON_TYPE), /not JSON/],
    [
      "bytes that are not UTF-8",
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n");
        socket.write(Buffer.from([0x22, 0xff, 0x22]));
      },
      /not JSON/,
    ],
    ["gzip, unasked", reply(200, "{}", { ...JSON_TYPE, "content-encoding": "gzip" }), /compressed/],
    [
      "a body that says it is huge",
      reply(200, "{}", { ...JSON_TYPE, "content-length": "67108864" }),
      /larger/,
    ],
    ["a body one byte too large", reply(200, `"${"x".repeat(256 * 1024 - 1)}"`, JSON_TYPE), /larger/],
    ["no answer", reset(), /ECONNRESET/],
    [
      "half an answer",
      reset("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"),
      /ECONNRESET/,
    ],
    ["something that is not HTTP", write("SSH-2.0-OpenSSH\r\n\r\n"), /HPE_/],
    ["headers without end", write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}\r\n`), /HPE_HEADER_OVERFLOW/],
    [
      "an upgrade",
      write("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
      /ECONNRESET|closed/,
    ],
  ])("is refused: %s", async (_, behaviour, reason) => {
    expect(await reasonOf(get(behaviour))).toMatch(reason);
  });

  test("of 256 KB is just small enough", async () => {
    const body = `"${"x".repeat(256 * 1024 - 2)}"`;
    expect((await get(reply(200, body, JSON_TYPE))).status).toBe(200);
  });

  test("without end is cut off, whatever its length is said to be", async () => {
    let sent = 0;
    const endless: Misbehaviour = (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
      const more = () => {
        while (!socket.destroyed && socket.write("x".repeat(16_384))) sent += 16_384;
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    };
    expect(await reasonOf(get(endless))).toMatch(/larger/);
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  /** Begins like this and goes on with more of that, for ever. */
  const dripping =
    (head: string, more: string): Misbehaviour =>
    (socket) => {
      socket.write(head);
      const interval = setInterval(() => socket.write(more), 20);
      socket.once("close", () => clearInterval(interval));
    };
  test.each<[string, Misbehaviour]>([
    ["never comes", hang],
    ["drips", dripping("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[", " ")],
    ["has headers that drip", dripping("HTTP/1.1 200 OK\r\nx: ", "x")],
    ["is announced for ever", dripping("", "HTTP/1.1 103 Early\r\n\r\n")],
  ])("that %s is cut at the deadline", async (_, behaviour) => {
    expect(await reasonOf(get(behaviour, 300))).toBe("it took too long");
  });

  test("is waited for five seconds where nothing else is said", async () => {
    upstream.behave(hang);
    const from = performance.now();
    expect(await reasonOf(guardedGet(upstream.url, { reach: LOOPBACK }))).toBe("it took too long");
    expect(performance.now() - from).toBeGreaterThan(4500);
  });
});

test("a request says what it wants and no more", async () => {
  const from = upstream.seen.length;
  await get(reply(200, "{}", JSON_TYPE));
  const { head = "" } = upstream.seen[from] ?? {};
  expect(head).toMatch(/^GET \/keys\?a=1 HTTP\/1\.1\r\n/);
  expect(head).toMatch(new RegExp(`^host: ${new URL(upstream.url).host}\r?$`, "im"));
  const names = head
    .split("\r\n")
    .slice(1)
    .map((line) => line.split(":", 1)[0]?.toLowerCase());
  expect(names.sort()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"]);
});

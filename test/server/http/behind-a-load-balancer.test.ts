import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { rawExchange, rawRequest } from "../../support/raw-request.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

/** What load balancers and proxies do to requests, and what they ask for, with no setting of ours or theirs. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const statusLine = (answer: string) => answer.split("\r\n", 1)[0];
const json = { origin: ORIGIN, "content-type": "application/json" };

describe("a probe", () => {
  test.each([
    ["as HAProxy sends it by itself", "OPTIONS / HTTP/1.0\r\n\r\n", 204],
    ["HTTP/1.0, without a Host", "GET /livez HTTP/1.0\r\n\r\n", 200],
    ["HTTP/1.1, without a Host", "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n", 200],
    ["HEAD, without a Host", "HEAD /readyz HTTP/1.1\r\nConnection: close\r\n\r\n", 200],
    ["with an empty Host", "GET /readyz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 200],
    ["with the whole address", "GET http://10.0.0.7:8787/readyz HTTP/1.1\r\nConnection: close\r\n\r\n", 200],
  ])("%s is answered", async (_, bytes, status) => {
    expect(statusLine(await rawExchange(world.exchange.port, bytes))).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} `),
    );
  });
});

describe("a slash at the end, which some proxies add", () => {
  test.each(["/livez/", "/readyz/", "/problems/not-found/"])("GET %s is answered", async (path) => {
    expect((await rawRequest(world.exchange.url + path)).status).toBe(200);
  });

  test.each(["/identify/", "/identify/?v=1"])("POST %s identifies, after its preflight", async (path) => {
    const preflight = await world.page.send(path, {
      method: "OPTIONS",
      headers: { origin: ORIGIN, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    const body = JSON.stringify({ user: { id: "slash" }, proof: world.proofFor("slash") });
    const answer = await world.page.send(path, { method: "POST", headers: json, body });
    expect(answer.identity().user.verified).toBe(true);
  });

  test.each(["//identify", "/identify//", "/%69dentify", "/IDENTIFY"])(
    "POST %s is another address: none is made to fit",
    async (path) => {
      expect((await world.page.send(path, { method: "POST", headers: json, body: "{}" })).status).toBe(404);
    },
  );
});

describe("a connection that is kept", () => {
  test("stays for longer than Cloudflare (900 s), Google (600 s), Azure (240 s), AWS and nginx (60 s) keep theirs", async () => {
    const answer = await rawExchange(
      world.exchange.port,
      "GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    expect(Number(/keep-alive: timeout=(\d+)/i.exec(answer)?.[1])).toBeGreaterThan(900);
  });

  test("of many that idle, those that have no request under way make room for others", async () => {
    const idle = Array.from({ length: 1000 }, () => {
      const socket = connect(world.exchange.port, "127.0.0.1").on("error", () => {});
      socket.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
      return socket.resume();
    });
    await eventually("room is made", async () => {
      expect((await world.signIn("newcomer")).status).toBe(200);
      return idle.filter(({ closed }) => !closed).length < 900;
    });
    for (const socket of idle) socket.destroy();
  });
});

describe("headers", () => {
  const withCookie = (bytes: number) => ({ headers: { ...json, cookie: `a=${"x".repeat(bytes)}` } });

  test("of nearly 32 KB are read, since a site's cookies come along", async () => {
    expect((await world.signIn("cookies", {}, withCookie(31_000))).status).toBe(200);
  });

  test("that are very many are refused: none is dropped without a word", async () => {
    const many = "a:\r\n".repeat(3000);
    const body = JSON.stringify({ user: { id: "many" }, proof: world.proofFor("many") });
    const answer = await rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.1\r\n${many}Host: x\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    expect(statusLine(answer)).toBe("HTTP/1.1 431 Request Header Fields Too Large");
  });

  test("that are larger are answered with 431, which says so, and once in the log", async () => {
    const refused = () => world.exchange.log().filter(({ status }) => status === 431);
    const before = refused().length;
    const answer = await world.signIn("cookies", {}, withCookie(100_000));
    expect(answer.problem()).toMatchObject({ slug: "headers-too-large", status: 431 });
    await eventually("it is logged", () => refused().length > before);
    expect(refused().length).toBe(before + 1);
    expect(refused().at(-1)).toMatchObject({ level: "warn", event: "refused", problem: "headers-too-large" });
    expect((await rawRequest(answer.problem().type)).status).toBe(200);
  });

  test("that are no HTTP are answered with 400, once, and noted", async () => {
    const bad = () => world.exchange.log().filter(({ cause }) => String(cause).startsWith("HPE_"));
    const answer = await rawExchange(world.exchange.port, `NONSENSE\r\n${"more\r\n".repeat(100)}`);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(statusLine(answer)).toBe("HTTP/1.1 400 Bad Request");
    await eventually("it is logged", () => bad().length > 0);
    expect(bad()).toMatchObject([{ level: "warn", event: "refused", status: 400 }]);
    expect(JSON.stringify(bad())).not.toContain("NONSENSE");
  });
});

describe("a body without a Content-Length, which a proxy sends on in chunks", () => {
  const post = (body: string) =>
    world.page.send("/identify", { method: "POST", headers: json, body, chunked: true });

  test("identifies", async () => {
    const body = JSON.stringify({ user: { id: "chunks" }, proof: world.proofFor("chunks") });
    expect((await post(body)).identity().user.id).toBe("chunks");
  });

  test("identifies when it waits to be asked for (Expect: 100-continue)", async () => {
    const body = JSON.stringify({ user: { id: "patient" }, proof: world.proofFor("patient") });
    const head = `POST /identify HTTP/1.1\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
    const answer = await rawExchange(
      world.exchange.port,
      `${head}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 100", "HTTP/1.1 200"]);
    expect(statusLine(await rawExchange(world.exchange.port, `${head}Expect: else\r\n\r\n`))).toContain(
      " 417 ",
    );
  });

  test("is read as far as the limit and no further", async () => {
    const body = JSON.stringify({ user: { id: "chunks" }, proof: world.proofFor("chunks") });
    expect((await post(body + " ".repeat(32 * 1024 - body.length))).status).toBe(200);
    expect((await post(body + " ".repeat(32 * 1024 + 1 - body.length))).problem().slug).toBe(
      "body-too-large",
    );
  });
});

import { once } from "node:events";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createExchange, type NodeListener, toNodeListener } from "../../../server/index.ts";
import { type Listening, startListening } from "../../support/listening.ts";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { signProof } from "../../support/proofs.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { freshSettings, ORIGIN } from "../../support/world.ts";

/** `toNodeListener` in a server of an app's own, behind whatever has read the body. */

type Request = Parameters<NodeListener>[0] & AsyncIterable<Buffer> & { body?: unknown; rawBody?: unknown };

let mounted: Awaited<ReturnType<typeof mountExchange>>;
let app: Listening;
/** What stands in front of the exchange. */
let inFront: (request: Request) => unknown = () => {};
let isLast = true;

beforeAll(async () => {
  mounted = await mountExchange({ publicUrl: "https://www.example.com/identity" });
  const listener = toNodeListener(mounted);
  app = await startListening(async (request, response) => {
    await inFront(request as Request);
    const next = () => void response.writeHead(200).end(`the app's own ${request.url}`);
    if (isLast) listener(request, response);
    else listener(request, response, next);
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await mounted[Symbol.asyncDispose]();
});

const json = { origin: ORIGIN, "content-type": "application/json" };
const good = () => JSON.stringify({ user: { id: "jane" }, proof: signProof(mounted.secret, "jane") });
const identify = (body = good(), more = {}) =>
  rawRequest(`${app.url}/identity/identify`, { method: "POST", headers: json, body, ...more });

const set = (request: Request, read: Partial<Request>) => Object.assign(request, read);

describe.each<[string, (request: Request) => unknown]>([
  ["nothing", () => {}],
  [
    "a parser that leaves an object",
    async (request) => set(request, { body: JSON.parse(String(await buffer(request))) }),
  ],
  ["a parser that leaves text", async (request) => set(request, { body: String(await buffer(request)) })],
  ["a parser that leaves bytes", async (request) => set(request, { body: await buffer(request) })],
  [
    "a host that leaves the raw bytes too",
    async (request) => set(request, { rawBody: await buffer(request), body: { user: { id: "other" } } }),
  ],
  // As Express 4's parsers do with a type that is not theirs.
  ["a parser that leaves an empty object and the body alone", (request) => set(request, { body: {} })],
])("behind %s", (_, before) => {
  beforeAll(() => {
    inFront = before;
  });

  test("somebody is identified", async () => {
    const answer = await identify();
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      200,
      { user: { id: "jane", verified: true } },
    ]);
  });

  test("what is too large is refused", async () => {
    const large = JSON.stringify({ user: { id: "jane" }, more: "x".repeat(40_000) });
    expect((await identify(large)).status).toBe(413);
    expect((await identify(large, { chunked: true })).status).toBe(413);
    expect((await identify()).status).toBe(200);
  });
});

describe("a form that has been parsed", () => {
  const form = (more: string[][] = []) =>
    new URLSearchParams([
      ["grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"],
      ["subject_token_type", "urn:ietf:params:oauth:token-type:jwt"],
      ["subject_token", signProof(mounted.secret, "jane")],
      ...more,
    ]).toString();
  const token = (body: string) =>
    rawRequest(`${app.url}/identity/token`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
      body,
    });
  beforeAll(() => {
    inFront = async (request) => {
      const fields = new URLSearchParams(String(await buffer(request)));
      request.body = Object.fromEntries(
        [...fields.keys()].map((name) => {
          const values = fields.getAll(name);
          return [name, values.length > 1 ? values : values[0]];
        }),
      );
    };
  });

  test("is exchanged", async () => {
    const answer = await token(form());
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      200,
      { issued_token_type: "urn:ietf:params:oauth:token-type:jwt" },
    ]);
  });

  test("and a field that came twice is refused as ever", async () => {
    const answer = await token(form([["subject_token", "other"]]));
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([400, "invalid_request"]);
  });
});

test("a body that a parser has made null of is JSON, and no identify", async () => {
  inFront = async (request) => set(request, { body: JSON.parse(String(await buffer(request))) });
  expect((await identify("null")).status).toBe(400);
});

test("a body that was read, and of which nothing is left, is the host's mistake, and the answer says so", async () => {
  inFront = (request) => buffer(request);
  const answer = await identify();
  expect(answer.status).toBe(500);
  expect(JSON.parse(answer.text).detail).toMatch(/has read the body before it: mount the exchange in front/);
});

describe("where there is a next", () => {
  beforeAll(() => {
    inFront = () => {};
    isLast = false;
  });
  afterAll(() => {
    isLast = true;
  });

  test.each(["/", "/livez", "/token", "/identity", "/identity/other", "/identityx/livez"])(
    "%s is the app's own",
    async (path) => {
      expect((await rawRequest(app.url + path)).text).toBe(`the app's own ${path}`);
    },
  );

  test.each(["/identity/livez", "/identity/readyz", "/identity/vambe-identity.js", "/identity/identify/"])(
    "%s is the exchange's",
    async (path) => {
      expect((await rawRequest(app.url + path)).text).not.toContain("the app's own");
    },
  );

  test("a framework may have taken the prefix off", async () => {
    inFront = (request) =>
      Object.assign(request, { originalUrl: request.url, url: request.url?.replace("/identity", "") });
    expect(JSON.parse((await rawRequest(`${app.url}/identity/livez`)).text)).toEqual({ status: "alive" });
    expect((await rawRequest(`${app.url}/identity/other`)).text).toBe("the app's own /other");
    expect((await identify()).status).toBe(200);
  });
});

test("what createExchange has not made is refused at once", async () => {
  const exchange = createExchange(freshSettings().options);
  const { fetch, ready, close } = exchange;
  expect(() => toNodeListener({ fetch, ready, close })).toThrow(/createExchange of the same package/);
  await close();
});

test("a server of HTTP/2 is a server of Node's too", async () => {
  const asked: (string | null)[] = [];
  await using exchange = await mountExchange({
    authenticate: ({ headers }) => {
      asked.push(headers.get("cookie"));
      return { id: "jane" };
    },
  });
  const listener = toNodeListener(exchange);
  const server = createHttp2Server((request, response) => listener(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const request = client.request({
    ":method": "POST",
    ":path": "/identify",
    ...json,
    cookie: ["session=one", "theme=dark"],
  });
  const answered = once(request, "response");
  request.end(JSON.stringify({ user: { id: "jane" } }));
  const [headers] = await answered;
  expect([headers[":status"], JSON.parse(String(await buffer(request)))]).toMatchObject([
    200,
    { user: { id: "jane" } },
  ]);
  expect(asked).toEqual(["session=one; theme=dark"]);
  client.close();
  server.close();
});

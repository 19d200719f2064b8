import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../support/exchange-process.ts";
import { freePort } from "../../support/free-port.ts";
import {
  appended,
  type HttpProxy,
  type ProxyHabits,
  startHttpProxy,
  untouched,
} from "../../support/http-proxy.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { type HealthyWorld, type Mark, startHealthyWorld } from "./doctor.ts";

let world: HealthyWorld;
/** Another site's, whose exchange has a database of its own. */
let another: HealthyWorld;
let proxy: HttpProxy;
beforeAll(async () => {
  proxy = await startHttpProxy();
  world = await startHealthyWorld({ VAMBE_PUBLIC_URL: proxy.url, VAMBE_TRUST_PROXY: "1" });
  another = await startHealthyWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await another[Symbol.asyncDispose]();
  await proxy.goAway();
});

const behind = (habits?: ProxyHabits, changes?: Environment) => {
  proxy.lead(world.exchange.url, habits);
  return world.doctor(changes);
};

describe("behind a proxy", () => {
  test("that passes on what comes, all is as it should be", async () => {
    const { shows, lines } = await behind();
    shows("✓", "public URL", new RegExp(`^${proxy.url} leads to an exchange`));
    shows("✓", "addresses", /1 proxy writes .* and as many are believed/);
    for (const name of ["this exchange", "its settings", "Origin", "Content-Length", "widget"])
      expect(lines.filter((line) => line.name === name).map(({ mark }) => mark)).toEqual(["✓"]);
    expect(lines.filter(({ name, mark }) => name === "preflight" && mark === "✓")).toHaveLength(2);
  });

  test("that takes the path off, and one that leaves it, as the public URL has one", async () => {
    await using below = await startHealthyWorld({
      VAMBE_PUBLIC_URL: `${proxy.url}/id`,
      VAMBE_TRUST_PROXY: "1",
    });
    for (const path of [(asked: string) => asked.replace(/^\/id/, ""), (asked: string) => asked]) {
      proxy.lead(below.exchange.url, { path });
      const { shows } = await below.doctor();
      shows("✓", "public URL", /\/id leads to an exchange/);
      shows("✓", "this exchange", /has this database/);
      shows("✓", "widget", /are served/);
    }
    proxy.lead(below.exchange.url, { path: (asked) => `/identity${asked}` });
    const { shows } = await below.doctor();
    shows(
      "✗",
      "public URL",
      /leads to an exchange, but not to this path/,
      /take off exactly the path of VAMBE_PUBLIC_URL/,
    );
    shows("–", "widget", /no exchange was reached/);
  });
});

const dropOrigin: NonNullable<ProxyHabits["headers"]> = (headers, from) => {
  const { origin: _, ...others } = appended(headers, from);
  return others;
};
const onlyWhereNone: NonNullable<ProxyHabits["headers"]> = (headers, from) =>
  headers["x-forwarded-for"] === undefined ? appended(headers, from) : headers;
const twice: NonNullable<ProxyHabits["headers"]> = (headers, from) =>
  appended(appended(headers, from), "10.0.0.7");
const contradicts: NonNullable<ProxyHabits["headers"]> = (headers, from) => ({
  ...appended(headers, from),
  forwarded: "for=198.51.100.4",
});
const pageFor =
  (isIt: (method: string, url: string) => boolean, status = 200): NonNullable<ProxyHabits["answers"]> =>
  ({ method = "", url = "" }, outgoing) => {
    if (!isIt(method, url)) return false;
    outgoing.writeHead(status, { "content-type": "text/html" }).end("<!doctype html><title>Welcome</title>");
    return true;
  };
const isScript = (headers: Record<string, unknown>) => /javascript/.test(String(headers["content-type"]));

const TABLE: [what: string, habits: ProxyHabits, mark: Mark, name: string, says: RegExp, remedy: RegExp][] = [
  [
    "takes Origin out",
    { headers: dropOrigin },
    "✗",
    "Origin",
    /something in front takes it out/,
    /pass the header Origin on/,
  ],
  [
    "takes Origin out (preflight)",
    { headers: dropOrigin },
    "✗",
    "preflight",
    /no Origin arrives/,
    /pass the header Origin on/,
  ],
  ["sends bodies in chunks", { chunked: true }, "!", "Content-Length", /come in chunks/, /nginx/],
  [
    "writes nothing of where a request comes from",
    { headers: untouched },
    "✗",
    "addresses",
    /believes 1, and none writes/,
    /set X-Forwarded-For/,
  ],
  [
    "stands behind another",
    { headers: twice },
    "✗",
    "addresses",
    /2 proxies write .* believes 1/,
    /VAMBE_TRUST_PROXY=2/,
  ],
  [
    "believes what visitors write",
    { headers: onlyWhereNone },
    "✗",
    "addresses",
    /believed as the visitor writes it/,
    /write it anew/,
  ],
  [
    "says two different things",
    { headers: contradicts },
    "✗",
    "addresses",
    /say different things/,
    /remove the one/,
  ],
  [
    "has a site's page for everything",
    { answers: pageFor(() => true) },
    "✗",
    "public URL",
    /a web page of somebody else's \(200/,
    /all paths below VAMBE_PUBLIC_URL/,
  ],
  [
    "leads elsewhere",
    {
      answers: (_, outgoing) =>
        !!outgoing.writeHead(301, { location: "https://www.example.com/id/livez?x=1" }).end(),
    },
    "✗",
    "public URL",
    /leads on to https:\/\/www\.example\.com\/id\/livez \(301\)/,
    /a redirect loses what pages post/,
  ],
  [
    "lets only GET through",
    { answers: pageFor((method) => method === "POST", 405) },
    "✗",
    "this exchange",
    /what pages post does not reach the exchange.*a web page \(405\)/,
    /send POST/,
  ],
  [
    "knows some paths alone, or has an older exchange behind it",
    { path: (asked) => asked.replace("/doctor", "/nothing") },
    "!",
    "this exchange",
    /does not know the question \(not-found\)/,
    /POST \/doctor/,
  ],
  [
    "answers OPTIONS by itself",
    { answers: pageFor((method) => method === "OPTIONS", 405) },
    "✗",
    "preflight",
    /answers 405 to OPTIONS/,
    /send OPTIONS on/,
  ],
  [
    "adds headers for CORS of its own",
    { answerHeaders: (headers) => ({ ...headers, "access-control-allow-origin": "*" }) },
    "✗",
    "preflight",
    /names another, so browsers refuse it/,
    /no Access-Control headers of its own/,
  ],
  [
    "minifies scripts",
    { answerBody: (text, headers) => (isScript(headers) ? `/* made small */${text}` : text) },
    "✗",
    "widget",
    /is not what \/integrity\.json says: something in between changes it/,
    /no minifying/,
  ],
  [
    "compresses what is compressed",
    {
      answers: ({ url }, outgoing) => {
        if (!url?.endsWith(".js")) return false;
        const script = gzipSync(gzipSync("window.VambeIdentify = 1"));
        outgoing
          .writeHead(200, { "content-type": "text/javascript", "content-encoding": "gzip" })
          .end(script);
        return true;
      },
    },
    "✗",
    "widget",
    /something in between changes it/,
    /no second compression/,
  ],
  [
    "serves scripts as a page",
    {
      answerHeaders: (headers) => (isScript(headers) ? { ...headers, "content-type": "text/html" } : headers),
    },
    "✗",
    "widget",
    /of the type text\/html/,
    /send it on to the exchange/,
  ],
  [
    "takes off what lets pages check the script",
    {
      answerHeaders: ({ "access-control-allow-origin": allowed, ...headers }) =>
        isScript(headers)
          ? headers
          : { ...headers, ...(allowed && { "access-control-allow-origin": allowed }) },
    },
    "✗",
    "widget",
    /without Access-Control-Allow-Origin/,
    /leave that header alone/,
  ],
];

describe("a proxy that", () => {
  test.each(TABLE)("%s", async (_, habits, mark, name, says, remedy) => {
    const { code, shows } = await behind(habits);
    expect(code).toBe(mark === "!" ? 3 : 1);
    shows(mark, name, says, remedy);
  });

  test("is not believed: all visitors share one limit", async () => {
    await using alone = await startHealthyWorld({ VAMBE_PUBLIC_URL: proxy.url });
    proxy.lead(alone.exchange.url);
    const { shows } = await alone.doctor();
    shows("✗", "addresses", /believes none: all visitors share one limit/, /VAMBE_TRUST_PROXY=1/);
  });

  test("is one fewer than are believed: visitors can make up where they come from", async () => {
    await using alone = await startHealthyWorld({ VAMBE_PUBLIC_URL: proxy.url, VAMBE_TRUST_PROXY: "2" });
    proxy.lead(alone.exchange.url);
    const { shows } = await alone.doctor();
    shows("✗", "addresses", /1 proxy writes .* believes 2: visitors can make it up/, /VAMBE_TRUST_PROXY=1/);
  });

  test("does not reach the exchange", async () => {
    proxy.lead(`http://127.0.0.1:${await freePort()}`);
    (await world.doctor()).shows("✗", "public URL", /answers 502: it does not reach/, /start the exchange/);
  });

  test("leads to another exchange", async () => {
    proxy.lead(another.exchange.url);
    const { shows } = await world.doctor();
    shows(
      "✗",
      "this exchange",
      /another exchange answers there: it has another database/,
      /lead to this one/,
    );
  });

  test("never answers", async () => {
    const { shows } = await behind({ answers: () => true });
    shows("✗", "public URL", /does not answer in time/, /proxy|firewall/);
    shows("–", "this exchange", /no exchange was reached/);
    shows("✓", "waiting", /nothing waits/);
  });

  test("answers /livez and nothing else", async () => {
    const { shows } = await behind({ answers: ({ url }) => !url?.endsWith("/livez") });
    for (const name of ["this exchange", "preflight", "widget"])
      shows("✗", name, /does not answer in time/, /./);
  });
});

describe("a public URL", () => {
  test("at which nobody listens", async () => {
    const { shows } = await world.doctor({ VAMBE_PUBLIC_URL: `http://127.0.0.1:${await freePort()}` });
    shows("✗", "public URL", /nobody listens there/, /VAMBE_PUBLIC_URL/);
  });

  test("of this machine, for pages that are elsewhere", async () => {
    proxy.lead(world.exchange.url);
    const { shows } = await world.doctor({ VAMBE_ALLOWED_ORIGINS: "https://www.example.com" });
    shows("!", "public URL", /this machine, where visitors .* do not come/, /https address/);
  });
});

describe("an exchange that runs with other settings than the environment has", () => {
  test("is noticed, by the names of the variables alone", async () => {
    const { code, shows, text } = await behind(undefined, {
      VAMBE_ALLOWED_ORIGINS: "http://localhost:3000,http://localhost:4000",
      VAMBE_IDENTITY_SECRET: "c0ffee0123456789c0ffee9876543210",
    });
    expect(code).toBe(1);
    shows("!", "its settings", /: VAMBE_ALLOWED_ORIGINS, VAMBE_IDENTITY_SECRET$/, /restart the exchange/);
    shows("✗", "preflight", /http:\/\/localhost:4000 may not identify users/, /restart the exchange/);
    expect(text).not.toContain("c0ffee");
  });
});

describe("POST /doctor", () => {
  const ask = (body: unknown) =>
    rawRequest(`${world.exchange.url}/doctor`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const forged = (at: number) => ({
    at,
    nonce: "00",
    mac: createHash("sha256").update(`${at} 00`).digest("base64url"),
  });

  test.each<[string, unknown]>([
    ["nothing", {}],
    ["a signature without the key", forged(Date.now())],
    ["no object", null],
    ["numbers", { at: "now", nonce: 1, mac: 2 }],
  ])("tells nothing to who brings %s", async (_, body) => {
    const { status, text } = await ask(body);
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ status: 401, detail: expect.stringMatching(/operator/) });
    expect(text).not.toMatch(/hops|VAMBE_/);
  });
});

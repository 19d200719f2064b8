import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Misbehaviour, reply, startUpstream, type Upstream } from "../support/upstream.ts";
import { startWorld, type World } from "../support/world.ts";

/**
 * The site's endpoint renews the session with each request. If its cookie does not reach the browser, the visitor is
 * signed out of his own site: the old one is worth nothing any more.
 */

const PAGE = "https://www.shop.example.com";
let site: Upstream;
let world: World;
/** The exchange below the page's own host. */
let mounted: World;
beforeAll(async () => {
  site = await startUpstream(reply(200, "{}"));
  const environment = { VAMBE_SESSION_URL: `${site.url}/me`, VAMBE_ALLOWED_ORIGINS: PAGE };
  world = await startWorld({
    environment: { ...environment, VAMBE_PUBLIC_URL: "https://id.shop.example.com" },
  });
  mounted = await startWorld({ environment: { ...environment, VAMBE_PUBLIC_URL: `${PAGE}/id` } });
});
afterAll(async () => {
  for (const each of [world, mounted, site]) await each[Symbol.asyncDispose]();
});

/** Raw, since a header may come several times. */
const answersWith = (...cookies: string[]): Misbehaviour => {
  const lines = cookies.map((cookie) => `set-cookie: ${cookie}\r\n`).join("");
  const body = JSON.stringify({ id: "jane" });
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${lines}\r\n`;
  return (socket) => void socket.end(head + body);
};
let visit = 0;
async function cookiesAfter(there: World, more: Record<string, string> = {}): Promise<string[]> {
  const answer = await fetch(`${there.exchange.url}/identify`, {
    method: "POST",
    headers: { origin: PAGE, "content-type": "application/json", cookie: `sid=${visit}`, ...more },
    body: JSON.stringify({ user: { id: "jane" } }),
  });
  expect(answer.status, await answer.text()).toBe(200);
  return answer.headers.getSetCookie();
}
beforeEach(() => {
  visit += 1;
});

const FOR_ALL = "sid=renewed; Domain=.example.com; Path=/; Secure; HttpOnly; SameSite=Lax";
const FOR_HOST = "__Host-refresh=renewed; Path=/; Secure; HttpOnly";

describe("a cookie that the endpoint sets", () => {
  test("goes back to the browser where it is for a domain that page and exchange are in", async () => {
    site.behave(answersWith(FOR_ALL, "theme=dark; domain=SHOP.example.com"));
    expect(await cookiesAfter(world)).toEqual([FOR_ALL, "theme=dark; domain=SHOP.example.com"]);
  });

  test("goes back whatever it is for, where the exchange has the page's own host", async () => {
    site.behave(answersWith(FOR_HOST, FOR_ALL));
    expect(await cookiesAfter(mounted)).toEqual([FOR_HOST, FOR_ALL]);
  });

  test.each([
    ["of the page's host alone", FOR_HOST],
    ["for a domain that the exchange is not in", "sid=x; Domain=www.shop.example.com"],
    ["for a domain that only ends the same", "sid=x; Domain=hop.example.com"],
    ["for another site", "sid=x; Domain=evil.example"],
  ])("does not become one of the exchange's: %s", async (_, cookie) => {
    site.behave(answersWith(cookie));
    expect(await cookiesAfter(world)).toEqual([]);
  });

  test("that cannot reach the browser is named in the log once, and without its value", async () => {
    site.behave(answersWith(FOR_HOST));
    await cookiesAfter(world);
    await cookiesAfter(world, { cookie: `sid=other-${visit}` });
    const warnings = world.exchange.log().filter(({ event }) => /sets a cookie/.test(String(event)));
    expect(warnings).toMatchObject([{ level: "warn", setting: "VAMBE_SESSION_URL" }]);
    expect(world.exchange.output()).not.toContain("renewed");
  });

  test("goes to each tab that asks at the same moment with the same cookies, and the endpoint is asked once", async () => {
    const before = site.seen.length;
    site.behave(answersWith(FOR_ALL));
    const all = await Promise.all([1, 2, 3].map(() => cookiesAfter(world)));
    expect(all).toEqual([[FOR_ALL], [FOR_ALL], [FOR_ALL]]);
    // A tab that is a moment late must not show the endpoint the old one: it may take that for theft.
    expect(await cookiesAfter(world)).toEqual([FOR_ALL]);
    expect(site.seen.length - before).toBe(1);
  });

  test("goes to nobody else", async () => {
    site.behave(answersWith(FOR_ALL));
    await cookiesAfter(world);
    site.behave(answersWith());
    expect(await cookiesAfter(world, { cookie: "sid=somebody-else" })).toEqual([]);
  });
});

describe("a request that is refused after the endpoint was asked", () => {
  const refusedWith = async (there: World, user: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${there.exchange.url}/identify`, {
      method: "POST",
      headers: { origin: PAGE, "content-type": "application/json", cookie: `sid=${visit}`, ...headers },
      body: JSON.stringify({ user }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    return answer.headers.getSetCookie();
  };

  test("since the page names another: the renewed session reaches the browser all the same", async () => {
    site.behave(answersWith(FOR_HOST));
    expect(await refusedWith(mounted, { id: "somebody-else" })).toEqual([FOR_HOST]);
  });

  test("since nobody is signed in: what ends the session reaches it too", async () => {
    const end = "sid=; Max-Age=0; Path=/";
    for (const status of ["401 Unauthorized", "200 OK"]) {
      site.behave((socket) => {
        const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n`;
        socket.end(`${head}set-cookie: ${end}\r\n\r\n{}`);
      });
      visit += 1;
      expect(await refusedWith(mounted, { id: "jane" })).toEqual([end]);
    }
  });

  test("since there were too many", async () => {
    const environment = {
      VAMBE_SESSION_URL: `${site.url}/me`,
      VAMBE_ALLOWED_ORIGINS: PAGE,
      VAMBE_PUBLIC_URL: `${PAGE}/id`,
      VAMBE_RATE_LIMIT: "1",
    };
    await using limited = await startWorld({ environment });
    site.behave(answersWith(FOR_HOST));
    await cookiesAfter(limited);
    expect(await refusedWith(limited, { id: "jane" }, { cookie: "sid=next" })).toEqual([FOR_HOST]);
  });
});

test("two pages of one visitor that ask at once show the endpoint the old cookie once", async () => {
  const before = site.seen.length;
  site.behave(answersWith(FOR_ALL));
  await Promise.all(["/a", "/b"].map((path) => cookiesAfter(world, { referer: `${PAGE}${path}` })));
  expect(site.seen.length - before).toBe(1);
});

test("the endpoint sees the page's Origin and Referer, by which Sanctum knows its own pages", async () => {
  site.behave(answersWith());
  await cookiesAfter(world, { referer: `${PAGE}/account` });
  const { head = "" } = site.seen.at(-1) ?? {};
  expect(head).toMatch(/^origin: https:\/\/www\.shop\.example\.com\r?$/im);
  expect(head).toMatch(/^referer: https:\/\/www\.shop\.example\.com\/account\r?$/im);
});

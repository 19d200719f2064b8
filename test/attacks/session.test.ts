import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hang, type Misbehaviour, reply, startUpstream, type Upstream } from "../support/upstream.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

const JANES = "sid=janes-secret-session";
const BOBS = "sid=bobs-secret-session";
const json = (body: unknown): Misbehaviour =>
  reply(200, JSON.stringify(body), { "content-type": "application/json" });

/** A site that knows two visitors by their cookies. */
const whoAmI: Misbehaviour = (socket, seen) => {
  const cookie = /^cookie: (.*)$/im.exec(seen.head)?.[1] ?? "";
  if (cookie.includes(JANES)) return json({ id: "jane", name: "Jane", plan: "free" })(socket, seen);
  if (cookie.includes(BOBS)) return json({ id: "bob", plan: "premium" })(socket, seen);
  return reply(401, "{}", { "content-type": "application/json" })(socket, seen);
};

let site: Upstream;
let evil: Upstream;
let world: World;
beforeAll(async () => {
  site = await startUpstream(whoAmI);
  evil = await startUpstream(json({ id: "admin" }));
  world = await startWorld({ environment: { VAMBE_SESSION_URL: `${site.url}/api/me/` } });
});
afterAll(async () => {
  for (const each of [world, site, evil]) await each[Symbol.asyncDispose]();
});
beforeEach(() => site.behave(whoAmI));

const identify = (user: object, cookie: string | undefined, headers: Record<string, string> = {}) =>
  world.page.identify(user, undefined, {
    headers: {
      origin: ORIGIN,
      "content-type": "application/json",
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    },
  });
const nothingHappened = async (id: string) => {
  const ids = world.vambe.standIn.upserts().map((upsert) => JSON.stringify(upsert));
  expect(ids.filter((upsert) => upsert.includes(`"${id}"`))).toEqual([]);
};

test("one's own cookie proves oneself, with what the site says and not what the page says", async () => {
  const answer = await identify({ id: "jane", plan: "enterprise", email: "boss@example.com" }, JANES);
  expect(answer.identity()).toMatchObject({
    user: { id: "jane", verified: true },
    applied: ["name", "plan"],
    ignored: [
      { trait: "email", reason: "unproven" },
      { trait: "plan", reason: "differs-from-proof" },
    ],
  });
  expect(answer.headers["access-control-allow-credentials"]).toBe("true");
  // With its slash at the end, as the setting has it: without, many sites answer with a redirect.
  expect(site.seen[0]?.head).toMatch(/^GET \/api\/me\/ HTTP/);
});

describe("a foreign cookie", () => {
  test("does not make one somebody else", async () => {
    expect((await identify({ id: "admin" }, JANES)).problem().slug).toBe("proof-other-user");
    expect((await identify({ id: "jane " }, JANES)).status).toBe(400);
    await nothingHappened("admin");
  });

  test("of nobody is nobody's", async () => {
    for (const cookie of ["sid=forged", "sid=", "x", `${JANES.slice(0, -1)}`, "sid=janes-secret-sessioN"]) {
      expect((await identify({ id: "jane-2" }, cookie)).problem().slug).toBe("session-none");
    }
    await nothingHappened("jane-2");
  });

  test("never gets the answer that was made for another", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        n % 2 ? identify({ id: "jane" }, JANES) : identify({ id: "jane" }, BOBS),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, n) => (n % 2 ? 200 : 401)));
  });

  test("does not come in by another header or by the body", async () => {
    const from = site.seen.length;
    const tries = [
      await identify({ id: "jane" }, undefined, { "x-cookie": JANES, authorization: `Bearer ${JANES}` }),
      await identify({ id: "jane", cookie: JANES }, undefined),
      await identify({ id: "jane" }, undefined, { cookie2: JANES, "set-cookie": JANES }),
    ];
    expect(tries.map((answer) => answer.problem().slug)).toEqual(Array(3).fill("proof-missing"));
    expect(site.seen.length).toBe(from);
  });
});

describe("a page of another site, with the visitor's cookies", () => {
  test.each(["https://evil.example", "null", `${ORIGIN}.evil.example`])("is refused: %s", async (origin) => {
    const from = site.seen.length;
    const answer = await identify({ id: "jane" }, JANES, { origin });
    expect(answer.problem().slug).toBe("origin-not-allowed");
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(site.seen.length).toBe(from);
  });

  test("learns nothing in the preflight", async () => {
    const preflight = (origin: string) =>
      world.page.send("/identify", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const foreign = await preflight("https://evil.example");
    expect(foreign.headers["access-control-allow-credentials"]).toBeUndefined();
    expect((await preflight(ORIGIN)).headers).toMatchObject({
      "access-control-allow-credentials": "true",
      "access-control-allow-origin": ORIGIN,
    });
  });
});

describe("a site's endpoint that has gone wrong", () => {
  const huge: Misbehaviour = (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
    const send = () => {
      while (!socket.destroyed && socket.write("[".repeat(65_536)));
      if (!socket.destroyed) socket.once("drain", send);
    };
    send();
  };
  test.each<[string, () => Misbehaviour, string]>([
    [
      "a redirect to another host",
      () => reply(302, "", { location: `${evil.url}/me` }),
      "issuer-unavailable",
    ],
    [
      "a redirect that keeps the method",
      () => reply(307, "", { location: `${evil.url}/me` }),
      "issuer-unavailable",
    ],
    ["a refresh", () => reply(200, "", { refresh: `0; url=${evil.url}` }), "issuer-unavailable"],
    [
      "an HTML login page with 200",
      () => reply(200, "<html>id: admin</html>", { "content-type": "text/html" }),
      "issuer-unavailable",
    ],
    [
      "401, though a user stands in it",
      () => reply(401, '{"id":"admin"}', { "content-type": "application/json" }),
      "session-none",
    ],
    ["403", () => reply(403), "session-none"],
    [
      "500, though a user stands in it",
      () => reply(500, '{"id":"admin"}', { "content-type": "application/json" }),
      "issuer-unavailable",
    ],
    ["a hang", () => hang, "issuer-unavailable"],
    ["a huge body", () => huge, "issuer-unavailable"],
    ["an id that is an object", () => json({ id: { toString: "admin" } }), "proof-claims"],
    ["an id that is a list", () => json({ id: ["admin"] }), "proof-claims"],
  ])("proves nobody: %s", async (name, behaviour, slug) => {
    site.behave(behaviour());
    const answer = await identify({ id: "admin" }, `sid=${encodeURIComponent(name)}`);
    expect(answer.problem().slug).toBe(slug);
    expect(answer.headers["retry-after"]).toBe(slug === "issuer-unavailable" ? "5" : undefined);
    await nothingHappened("admin");
  });

  test("and no other host has heard of any of it", () => {
    expect(evil.seen).toEqual([]);
  });
});

test("a cookie stands in no answer and no line of the log", async () => {
  await identify({ id: "jane" }, JANES);
  site.behave(reply(500, JANES, { "x-echo": JANES }));
  await identify({ id: "jane" }, `${JANES}; more=1`);
  expect(world.exchange.output()).not.toContain("secret-session");
  expect(world.page.received()).not.toContain("secret-session");
});

test("without a session endpoint cookies are neither asked for nor shown to anybody", async () => {
  await using other = await startWorld();
  const headers = { origin: ORIGIN, "content-type": "application/json", cookie: JANES };
  const answer = await other.page.identify({ id: "jane" }, undefined, { headers });
  expect(answer.problem().slug).toBe("proof-missing");
  expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import type { Prove } from "../../../../server/proof/proof.ts";
import { proveBySession } from "../../../../server/proof/session/session.ts";
import { eventually } from "../../../support/eventually.ts";
import { refusalIn } from "../../../support/refusal.ts";
import { type Misbehaviour, reply, startUpstream, type Upstream } from "../../../support/upstream.ts";

const JANE = { id: "u1", name: "Jane", email: "jane@example.com", plan: "pro" };
const json = (body: unknown): Misbehaviour =>
  reply(200, JSON.stringify(body), { "content-type": "application/json" });

let site: Upstream;
let prove: Prove;
let lines: string[] = [];
beforeEach(async () => {
  site = await startUpstream(json(JANE));
  lines = [];
  prove = proveBySession({
    url: `${site.url}/api/me/`,
    publicUrl: "https://id.example.com",
    fields: {},
    log: createLog((line) => lines.push(line)),
  });
});
afterEach(() => site[Symbol.asyncDispose]());

const evidence = (cookie: string | undefined, { id = "u1", ...more } = {}) => ({
  user: { id, ...more },
  proof: undefined,
  request: new Request("https://id.example.com/identify", {
    method: "POST",
    headers: {
      ...(cookie === undefined ? {} : { cookie }),
      authorization: "Bearer x",
      "x-forwarded-for": "1.2.3.4",
      origin: "https://shop.example.com",
    },
  }),
});
const ask = async (cookie: string, id?: string): Promise<string> => {
  const proving = prove(evidence(cookie, id === undefined ? {} : { id }));
  return proving.then((proven) => proven?.id ?? "nothing", refusalIn);
};

describe("a visitor's session", () => {
  test("proves all that the site's endpoint says", async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { provenAt, ...proven } = (await prove(evidence("sid=1"))) ?? {};
    expect(proven).toEqual({
      id: "u1",
      traits: { name: "Jane", email: "jane@example.com", plan: "pro", fields: undefined },
      ignored: [],
      by: "session",
      actor: undefined,
    });
    expect(provenAt).toBeGreaterThanOrEqual(before);
  });

  test("is asked about with the cookies and the page it comes from, at that address as it is written", async () => {
    await ask("sid=1; theme=dark; name=José".replace("é", "\u00e9"));
    const { head = "", body } = site.seen[0] ?? {};
    expect(head).toMatch(/^GET \/api\/me\/ HTTP/);
    expect(head).toMatch(/^cookie: sid=1; theme=dark; name=Jos/im);
    expect(head).toMatch(/^origin: https:\/\/shop\.example\.com\r?$/im);
    // As from its first page, where the page says no more.
    expect(head).toMatch(/^referer: https:\/\/shop\.example\.com\/\r?$/im);
    expect(head).not.toMatch(/authorization|forwarded/i);
    expect(body).toBe("");
  });

  test.each<[string, Misbehaviour]>([
    ["401", reply(401, '{"id":"u1"}')],
    ["403", reply(403)],
    ["204", reply(204)],
    ["null", json(null)],
    ["an empty object", json({})],
    ["an error in an object", json({ error: "not signed in" })],
    ["a user without an id", json({ user: { name: "Jane" } })],
    ["no user", json({ user: null })],
    ["an empty id", json({ id: "" })],
    ["0, as WordPress and Drupal number strangers", json({ id: 0, name: "Anonymous" })],
    ["null as text", json({ id: "null" })],
    ["undefined as text", json({ user: { id: "undefined" } })],
    ["an object as text", json({ id: "[object Object]" })],
    ["NaN as text", json({ sub: "NaN" })],
    ["false", json(false)],
    ["a list", json([JANE])],
    ["a string", json("u1")],
  ])("is none where the endpoint answers %s", async (_, behaviour) => {
    site.behave(behaviour);
    expect(await ask("sid=1")).toBe("session-none");
    expect(lines).toEqual([]);
  });

  test.each<[string, Misbehaviour, RegExp]>([
    ["a login page", reply(200, "<html>", { "content-type": "text/html" }), /not JSON/],
    ["a redirect to the login", reply(302, "", { location: "/login" }), /redirect/],
    ["404", reply(404), /404/],
    ["500", reply(500), /500/],
    ["a huge body", reply(200, `"${"x".repeat(300_000)}"`, { "content-type": "application/json" }), /larger/],
  ])("cannot be told where the endpoint answers with %s", async (_, behaviour, cause) => {
    site.behave(behaviour);
    const cookies: string[] = [];
    const setCookies = (set: readonly string[]) => void cookies.push(...set);
    const problem = await prove({ ...evidence("sid=topsecret"), setCookies }).catch((error) => error);
    expect(problem).toMatchObject({ slug: "issuer-unavailable", headers: { "retry-after": "5" } });
    expect(cookies).toEqual([]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "error",
      event: "the site's session endpoint gives no usable answer",
      setting: "VAMBE_SESSION_URL",
    });
    expect(lines.join()).toMatch(cause);
    expect(lines.join()).not.toContain("topsecret");
  });

  test("with an id that is not valid says so, and not its value", async () => {
    site.behave(json({ ...JANE, id: { secret: "x" } }));
    const problem = await prove(evidence("sid=1")).catch((error: unknown) => error);
    expect(problem).toMatchObject({ slug: "proof-claims", errors: [{ field: "id" }] });
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  test("with a trait that is odd is the user's all the same, without that trait", async () => {
    site.behave(json({ ...JANE, plan: { secret: "x" } }));
    expect(await prove(evidence("sid=1"))).toMatchObject({
      id: "u1",
      ignored: [{ trait: "plan", reason: "not-valid" }],
    });
  });
});

describe("is not asked about", () => {
  test("without a cookie", async () => {
    expect(await prove(evidence(undefined))).toBeUndefined();
    expect(await prove(evidence(""))).toBeUndefined();
    expect(site.seen).toEqual([]);
  });

  test("beside a proof or a user_hash: that is then what counts", async () => {
    expect(await prove({ ...evidence("sid=1"), proof: "" })).toBeUndefined();
    expect(await prove(evidence("sid=1", { id: "u1", ...{ user_hash: "" } }))).toBeUndefined();
    expect(site.seen).toEqual([]);
  });
});

describe("an answer", () => {
  test("serves all who ask at the same moment with the same cookies, and nobody else", async () => {
    site.behave((socket, seen) => json({ id: /sid=(\w+)/.exec(seen.head)?.[1] })(socket, seen));
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, () => ask("sid=u1")),
      ...Array.from({ length: 20 }, () => ask("sid=u2", "u2")),
    ]);
    expect(answers).toEqual([...Array(20).fill("u1"), ...Array(20).fill("u2")]);
    expect(site.seen).toHaveLength(2);
  });

  test("serves again for a few seconds and no longer", async () => {
    const from = performance.now();
    await ask("sid=1");
    expect(await ask("sid=1")).toBe("u1");
    expect(site.seen).toHaveLength(1);
    await eventually("it is asked again", async () => (await ask("sid=1")) && site.seen.length === 2);
    expect(performance.now() - from).toBeGreaterThan(4000);
  });

  test("is asked for a hundred visitors at once at the most: the next are told to come again", async () => {
    let asked = 0;
    site.behave(async (socket, seen) => {
      asked += 1;
      await eventually("a hundred are asked about", () => asked >= 100);
      return json({ id: "u1" })(socket, seen);
    });
    const cookies: string[] = [];
    const setCookies = (set: readonly string[]) => void cookies.push(...set);
    const visit = (visitor: number) => prove({ ...evidence(`sid=${visitor}`), setCookies });
    const outcomes = await Promise.all(
      Array.from({ length: 130 }, (_, visitor) => visit(visitor).then((proven) => proven?.id, refusalIn)),
    );
    expect(cookies).toEqual([]);
    expect(outcomes.filter((outcome) => outcome === "u1").length).toBe(100);
    expect(outcomes.filter((outcome) => outcome === "issuer-unavailable").length).toBe(30);
    expect(lines.filter((line) => line.includes("100 visitors are being asked about at once"))).toHaveLength(
      30,
    );
    expect(await ask("sid=later")).toBe("u1");
  });

  test("of nobody, or of a failure, is not kept: a login counts at once", async () => {
    site.behave(reply(401));
    expect(await ask("sid=1")).toBe("session-none");
    site.behave(reply(500));
    expect(await ask("sid=1")).toBe("issuer-unavailable");
    site.behave(json(JANE));
    expect(await ask("sid=1")).toBe("u1");
  });

  test("about another user than the page's is not kept: a change of user counts at once", async () => {
    expect(await ask("sid=1", "u2")).toBe("u1");
    site.behave(json({ id: "u2" }));
    expect(await ask("sid=1", "u2")).toBe("u2");
  });

  test("that comes after newer ones have taken its place is not kept, let alone for ever", async () => {
    // So large that few of them fill the cache: the slow one may not take longer than any other.
    const fields = Object.fromEntries(Array.from({ length: 45 }, (_, n) => [`field-${n}`, "n".repeat(1000)]));
    const slow = Promise.withResolvers<void>();
    site.behave(async (socket, seen) => {
      if (seen.head.includes("sid=slow")) await slow.promise;
      return json({ ...JANE, fields })(socket, seen);
    });
    const late = ask("sid=slow");
    await eventually("it is asked", () => site.seen.length === 1);
    await Promise.all(Array.from({ length: 95 }, (_, n) => ask(`sid=${n}`)));
    slow.resolve();
    expect(await late).toBe("u1");
    const asked = site.seen.length;
    expect(await ask("sid=slow")).toBe("u1");
    expect(site.seen.length).toBe(asked + 1);
  });

  test("is kept for the last sessions, in so many bytes: fewer of them where the answers are large", async () => {
    const fields = Object.fromEntries(Array.from({ length: 45 }, (_, n) => [`field-${n}`, "ñ".repeat(500)]));
    site.behave(json({ ...JANE, fields }));
    for (let from = 0; from < 300; from += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => ask(`sid=${from + n}`)));
    }
    const asked = site.seen.length;
    await ask("sid=299");
    expect(site.seen.length).toBe(asked);
    await ask("sid=0");
    expect(site.seen.length).toBe(asked + 1);
  });
});

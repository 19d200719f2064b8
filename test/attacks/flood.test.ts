import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { PageAnswer } from "../support/page.ts";
import { inSeconds } from "../support/proofs.ts";
import { rawExchange } from "../support/raw-request.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

const json = { origin: ORIGIN, "content-type": "application/json" };
const times = async (count: number, ask: (n: number) => Promise<PageAnswer>) => {
  const answers: PageAnswer[] = [];
  for (let n = 0; n < count; n++) answers.push(await ask(n));
  return answers;
};
const statuses = (answers: PageAnswer[]) => answers.map(({ status }) => status);

describe("a flood of identifies that hold, from one address", () => {
  test("is refused past the limit, and told when to come again; nothing happens meanwhile", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "5" } });
    const answers = await times(8, (n) => world.signIn(`u${n}`));
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    const last = answers.at(-1);
    expect(last?.problem().slug).toBe("rate-limited");
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(last?.headers["retry-after"])).toBeLessThanOrEqual(60);
    expect(last?.headers.ratelimit).toMatch(/^"address";r=0;t=\d+$/);
    expect(last?.headers["ratelimit-policy"]).toBe('"address";q=5;w=60');
    expect(world.vambe.standIn.contacts().length).toBe(5);
    // What operators and pages need besides is not counted.
    expect((await world.page.send("/livez", {})).status).toBe(200);
    expect((await world.page.send("/vambe-identity.js", {})).status).toBe(200);
  });

  test("spends at most one proof that serves once", async () => {
    await using world = await startWorld({
      environment: { VAMBE_RATE_LIMIT: "2", VAMBE_PROOF_ONCE: "true" },
    });
    const proofs = ["a", "b", "c", "d", "e"].map((id) => [id, world.proofFor(id, { jti: id })] as const);
    for (const [id, proof] of proofs) await world.page.identify({ id }, proof);
    await world.exchange.restart({ VAMBE_RATE_LIMIT: "0" });
    const again = await times(5, (n) => world.page.identify({ id: proofs[n]?.[0] }, proofs[n]?.[1]));
    expect(statuses(again)).toEqual([401, 401, 401, 200, 200]);
  });
});

describe("brute force from an address that others share", () => {
  test("is refused past the limit, while those with a good proof are let in", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "5" } });
    const forged = () =>
      world.page.identify({ id: "jane" }, `${world.proofFor("jane").slice(0, -8)}AAAAAAAA`);
    const answers = await times(10, forged);
    expect(statuses(answers)).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429]);
    expect(answers.at(-1)?.headers["ratelimit-policy"]).toBe('"failed";q=5;w=60');
    expect(Number(answers.at(-1)?.headers["retry-after"])).toBeGreaterThan(0);
    expect(answers.at(-1)?.headers["access-control-allow-origin"]).toBe(ORIGIN);
    const honest = await times(5, (n) => world.signIn(`honest-${n}`));
    expect(statuses(honest)).toEqual([200, 200, 200, 200, 200]);
  });

  test("does not hide from those whose proof has expired or served that they have to fetch another", async () => {
    await using world = await startWorld({
      environment: { VAMBE_RATE_LIMIT: "5", VAMBE_PROOF_ONCE: "true" },
    });
    const served = world.proofFor("late", { jti: "late" });
    expect((await world.page.identify({ id: "late" }, served)).status).toBe(200);
    await times(10, () => world.page.identify({ id: "jane" }, "x.y.z"));
    expect((await world.page.identify({ id: "jane" }, "x.y.z")).problem().slug).toBe("rate-limited");
    const hour = 3600;
    const expired = world.proofFor("jane", { iat: inSeconds(-hour), exp: inSeconds(-hour / 2) });
    const slugs = async (id: string, proof: string) =>
      (await times(6, () => world.page.identify({ id }, proof))).map((answer) => answer.problem().slug);
    expect(await slugs("jane", expired)).toEqual(Array(6).fill("proof-expired"));
    expect(await slugs("late", served)).toEqual(Array(6).fill("proof-used"));
    // Only whoever has a signature that holds is told so: one that is forged too is no way around the limit.
    const forged = `${expired.slice(0, -8)}AAAAAAAA`;
    expect(await slugs("jane", forged)).toEqual(Array(6).fill("rate-limited"));
  });

  test("proofs that have expired use up nothing of what mistakes may be made at the address", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "3" } });
    const expired = world.proofFor("jane", { iat: inSeconds(-3600), exp: inSeconds(-1800) });
    await times(10, () => world.page.identify({ id: "jane" }, expired));
    expect((await world.page.identify({ id: "jane" }, "x.y.z")).problem().slug).toBe("proof-malformed");
    // All of them are attempts, which have an end.
    await times(19, () => world.page.identify({ id: "jane" }, expired));
    expect((await world.page.identify({ id: "jane" }, expired)).headers["ratelimit-policy"]).toBe(
      '"attempts";q=30;w=60',
    );
  });

  test("is refused at POST /token too, in that form, and counts with the rest", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "4" } });
    const ask = (token: string) =>
      world.page.send("/token", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=${token}&subject_token_type=urn:ietf:params:oauth:token-type:jwt`,
      });
    const forged = `${world.proofFor("u").slice(0, -8)}AAAAAAAA`;
    await times(2, () => world.page.identify({ id: "u" }, forged));
    const answers = await times(4, () => ask(forged));
    expect(statuses(answers)).toEqual([400, 400, 429, 429]);
    expect(JSON.parse(answers.at(-1)?.text ?? "")).toMatchObject({
      error: "invalid_request",
      error_uri: expect.stringMatching(/rate-limited$/),
    });
    expect((await ask(world.proofFor("u"))).status).toBe(200);
  });

  test("has an end: past ten times the limit nothing of that address is looked at, whatever it is", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "2" } });
    await times(20, () => world.page.identify({ id: "u" }, "x.y.z"));
    const last = await world.signIn("late");
    expect(last.problem().slug).toBe("rate-limited");
    expect(last.headers["ratelimit-policy"]).toBe('"attempts";q=20;w=60');
    expect((await world.page.send("/livez", {})).status).toBe(200);
  });
});

describe("what is refused before any proof is looked at counts all the same", () => {
  test.each<[string, number, (world: World) => Promise<PageAnswer>]>([
    [
      "from a page that is not allowed",
      403,
      (world) =>
        world.page.identify({ id: "u" }, "x", { headers: { ...json, origin: "https://evil.example" } }),
    ],
    [
      "its preflight",
      403,
      (world) =>
        world.page.send("/identify", { method: "OPTIONS", headers: { origin: "https://evil.example" } }),
    ],
    ["an address where nothing is", 404, (world) => world.page.send("/.env", {})],
    ["a method that is not there", 405, (world) => world.page.send("/identify", { method: "DELETE" })],
    [
      "a body that is none",
      400,
      (world) => world.page.send("/identify", { method: "POST", headers: json, body: "{" }),
    ],
  ])("%s", async (_, status, ask) => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "3" } });
    expect(statuses(await times(5, () => ask(world)))).toEqual([status, status, status, 429, 429]);
    expect((await world.signIn("u")).status).toBe(200);
  });

  test("a preflight that is answered counts as an attempt", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "1" } });
    const ask = () => world.page.send("/identify", { method: "OPTIONS", headers: { origin: ORIGIN } });
    expect(statuses(await times(12, ask))).toEqual([...Array(10).fill(204), 429, 429]);
  });
});

describe("a flood", () => {
  test("is not hidden by made-up X-Forwarded-For headers", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "3" } });
    const answers = await times(5, (n) =>
      world.page.identify({ id: "u" }, undefined, {
        headers: { ...json, "x-forwarded-for": `203.0.113.${n}`, forwarded: `for=203.0.113.${n}` },
      }),
    );
    expect(statuses(answers)).toEqual([401, 401, 401, 429, 429]);
  });

  test("behind one proxy is told apart by what that proxy wrote, not by what the visitor wrote before or beside it", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "1", VAMBE_TRUST_PROXY: "1" } });
    const from = async (headers: Record<string, string>) =>
      (await world.page.identify({ id: "u" }, undefined, { headers: { ...json, ...headers } })).status;
    expect(await from({ "x-forwarded-for": "198.51.100.1" })).toBe(401);
    expect(await from({ "x-forwarded-for": "198.51.100.2:5678" })).toBe(401);
    expect(await from({ "x-forwarded-for": "203.0.113.9, 198.51.100.1:7" })).toBe(429);
    // All that contradict themselves share one count, whatever they say.
    expect(await from({ "x-forwarded-for": "198.51.100.3", forwarded: "for=203.0.113.7" })).toBe(401);
    expect(await from({ "x-forwarded-for": "198.51.100.4", forwarded: "for=203.0.113.8" })).toBe(429);
    expect(await from({ "x-forwarded-for": "203.0.113.7" })).toBe(401);
  });

  test("does not fill the log: what is left out of it is counted there", async () => {
    await using world = await startWorld();
    await times(150, () => world.page.identify({ id: "u" }, "x.y.z"));
    await world.page.identify({ id: "u" });
    await world.exchange.stop();
    const lines = world.exchange.log().filter(({ level }) => level === "warn");
    const refused = lines.filter(({ problem }) => problem === "proof-malformed");
    expect(refused.length).toBeLessThan(80);
    const counted = refused.reduce((sum, { count }) => sum + Number(count ?? 1), 0);
    expect(counted).toBe(150);
    // One kind of refusal does not hide another.
    expect(lines.filter(({ problem }) => problem === "proof-missing").length).toBe(1);
  });
});

test("one client that is refused thousands of times, in every way there is, writes a few lines a second", async () => {
  await using world = await startWorld();
  const { page, exchange } = world;
  const forged = `${world.proofFor("u").slice(0, -8)}AAAAAAAA`;
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    page.send(path, { method: "POST", body, headers: { ...json, ...headers } });
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const ways: Record<string, () => Promise<unknown>> = {
    "origin-not-allowed": () => post("/identify", "{}", { origin: "https://evil.example" }),
    "malformed-json": () => post("/identify", "{"),
    "invalid-user": () => post("/identify", '{ "user": {} }'),
    "not-json": () => post("/identify", "{}", { "content-type": "text/plain" }),
    "not-fetch": () => post("/identify", "{}", { "sec-fetch-mode": "navigate" }),
    "proof-missing": () => page.identify({ id: "u" }),
    "proof-malformed": () => page.identify({ id: "u" }, "x.y.z"),
    "proof-signature": () => page.identify({ id: "u" }, forged),
    "method-not-allowed": () => page.send("/identify", { method: "DELETE" }),
    unsupported_grant_type: () => post("/token", "grant_type=x", form),
    invalid_request: () => post("/token", "{}"),
    none: () => rawExchange(exchange.port, "NONSENSE\r\n\r\n"),
  };
  const EACH = 200;
  for (let n = 0; n < EACH / 10; n++)
    await Promise.all(Object.values(ways).flatMap((ask) => Array.from({ length: 10 }, ask)));
  await exchange.stop();
  const refused = exchange.log().filter(({ event }) => String(event).startsWith("refused"));
  // In a minute; the flood is over sooner.
  expect(refused.length).toBeLessThan(360);
  const counts: Record<string, number> = {};
  for (const { problem = "none", count = 1 } of refused)
    counts[String(problem)] = (counts[String(problem)] ?? 0) + Number(count);
  expect(counts).toEqual(Object.fromEntries(Object.keys(ways).map((way) => [way, EACH])));
});

describe("a flood as one user", () => {
  test("is refused at half of the limit, for that user alone", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "6" } });
    expect(statuses(await times(4, () => world.signIn("busy")))).toEqual([200, 200, 200, 429]);
    expect((await world.signIn("other")).status).toBe(200);
  });

  test("does not use up what others have at the same address", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "6" } });
    await times(12, () => world.signIn("busy"));
    expect(statuses(await times(3, (n) => world.signIn(`other-${n}`)))).toEqual([200, 200, 200]);
  });
});

test("a refusal says in the log where it came from, as a network and an origin, and names no person", async () => {
  await using world = await startWorld({ environment: { VAMBE_TRUST_PROXY: "1" } });
  const from = (address: string, origin = ORIGIN) =>
    world.page.identify({ id: "u" }, undefined, {
      headers: { ...json, origin, "x-forwarded-for": address },
    });
  await from("198.51.100.77");
  await from("[2001:db8:abcd:12:3:4:5:6]:443", "https://other.example");
  const lines = () => world.exchange.log().filter(({ event }) => event === "refused");
  await eventually("both are logged", () => lines().length === 2);
  expect(lines()).toMatchObject([
    { problem: "proof-missing", network: "198.51.100.0/24", origin: ORIGIN },
    { problem: "origin-not-allowed", network: "2001:db8:abcd::/48", origin: "https://other.example" },
  ]);
  expect(world.exchange.output()).not.toMatch(/198\.51\.100\.77|abcd:12/);
});

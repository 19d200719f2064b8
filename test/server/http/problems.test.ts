import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROBLEMS } from "../../../server/problems.ts";
import type { PageAnswer } from "../../support/page.ts";
import { inSeconds, signProof } from "../../support/proofs.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const headers = { origin: ORIGIN, "content-type": "application/json" };

/** One request for each problem that a caller can bring about from outside. */
const PROVOKED: Record<string, () => Promise<PageAnswer>> = {
  "malformed-json": () => world.page.send("/identify", { method: "POST", headers, body: "{" }),
  "invalid-user": () => world.page.identify({}),
  "body-too-large": () => world.page.identify({ id: "u", name: "x".repeat(33_000) }),
  "headers-too-large": () => world.page.send("/livez", { headers: { cookie: "x".repeat(40_000) } }),
  "not-json": () => world.page.identify({ id: "u" }, "x", { headers: { origin: ORIGIN } }),
  "origin-not-allowed": () =>
    world.page.identify({ id: "u" }, "x", { headers: { ...headers, origin: "https://evil.example" } }),
  "proof-missing": () => world.page.identify({ id: "u" }),
  "proof-malformed": () => world.page.identify({ id: "u" }, world.proofFor("u", {}, { alg: "none" })),
  "proof-signature": () => world.page.identify({ id: "u" }, signProof("x".repeat(32), "u")),
  "proof-expired": () => world.page.identify({ id: "u" }, world.proofFor("u", { exp: inSeconds(-120) })),
  "proof-lifetime": () => world.page.identify({ id: "u" }, world.proofFor("u", { exp: inSeconds(90_000) })),
  "proof-audience": () => world.page.identify({ id: "u" }, world.proofFor("u", { aud: "else" })),
  "proof-claims": () => world.page.identify({ id: "u" }, world.proofFor("u", { sub: ["u"] })),
  "proof-other-user": () => world.page.identify({ id: "u" }, world.proofFor("v")),
  "not-found": () => world.page.send("/nowhere", { headers }),
  "method-not-allowed": () => world.page.send("/identify", { headers }),
};

/** Those that only a broken exchange has, and those of settings that are not on here. */
const ELSEWHERE = [
  "internal-error",
  "storage-unavailable",
  "issuer-unavailable",
  "not-fetch",
  "proof-used",
  "proof-user-hash",
  "rate-limited",
  "session-none",
];

describe("every problem", () => {
  test.each(Object.entries(PROVOKED))(
    "%s says what is wrong, and links to a page that says how to mend it",
    async (slug, provoke) => {
      const answer = await provoke();
      const problem = answer.problem();
      const catalogued = PROBLEMS[slug as keyof typeof PROBLEMS];
      expect(problem).toMatchObject({ slug, status: catalogued.status, title: catalogued.title });
      expect(problem.detail.length).toBeGreaterThan(10);
      expect(answer.status).toBe(catalogued.status);
      expect(answer.headers).toMatchObject({
        "cache-control": "no-store",
        vary: "Origin",
        "x-request-id": problem.request_id,
        "x-content-type-options": "nosniff",
      });
      expect(problem.request_id).toMatch(/^[0-9a-f-]{36}$/);

      const page = await rawRequest(problem.type, { headers: { accept: "text/html" } });
      expect(page.status).toBe(200);
      expect(page.headers["content-type"]).toMatch(/^text\/html/);
      expect(page.text).toContain(slug);
    },
  );

  test("of the catalogue is provoked, here or elsewhere", () => {
    const known = new Set([...Object.keys(PROVOKED), ...ELSEWHERE]);
    expect(Object.keys(PROBLEMS).filter((slug) => !known.has(slug))).toEqual([]);
  });

  test("401 says which scheme it wants, and no browser opens a dialogue for it", async () => {
    const answer = await world.page.identify({ id: "u" });
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
  });

  test("none of them has reached the ledger or Vambe", async () => {
    expect(world.vambe.standIn.upserts()).toEqual([]);
  });
});

describe("the pages of the problems", () => {
  test.each(Object.entries(PROBLEMS))(
    "%s: for people, without scripts, in no frame",
    async (slug, { title, status }) => {
      const page = await world.page.send(`/problems/${slug}`, {});
      expect(page.status).toBe(200);
      expect(page.text).toContain("<!doctype html>");
      expect(page.text).toContain(`HTTP ${status}`);
      expect(page.text.replaceAll("&amp;", "&")).toContain(title);
      expect(page.text).not.toMatch(/<script|undefined|\[object/);
      expect(page.headers["content-security-policy"]).toMatch(
        /default-src 'none'.*frame-ancestors 'none'.*form-action 'none'/,
      );
      expect(page.headers).toMatchObject({
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
      });
    },
  );

  test.each(["nowhere", "__proto__", "constructor", "toString", "%3Cscript%3E", "", "../livez"])(
    "there is none for %j",
    async (slug) => {
      const answer = await world.page.send(`/problems/${slug}`, {});
      expect([200, 404]).toContain(answer.status);
      if (slug !== "../livez") expect(answer.problem().slug).toBe("not-found");
    },
  );
});

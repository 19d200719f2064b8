import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "../../support/raw-request.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "1000" } });
});
afterAll(() => world[Symbol.asyncDispose]());

const json = { origin: ORIGIN, "content-type": "application/json" };
const good = () => JSON.stringify({ user: { id: "u", name: "Jane" }, proof: world.proofFor("u") });

/** Each as headers and a body. */
const REQUESTS: Record<string, () => [Record<string, string>, (string | Uint8Array)?]> = {
  "a good one": () => [json, good()],
  "types with parameters": () => [{ ...json, "content-type": "Application/JSON; charset=utf-8" }, good()],
  "addresses that a proxy names": () => [{ ...json, "x-forwarded-for": "192.0.2.7, 192.0.2.8" }, good()],
  "no origin": () => [{ "content-type": "application/json" }, good()],
  "another origin": () => [{ ...json, origin: "https://evil.example" }, good()],
  "a navigation": () => [{ ...json, "sec-fetch-mode": "navigate" }, good()],
  "another type": () => [{ ...json, "content-type": "text/plain" }, good()],
  "no body": () => [json],
  "a body that is no JSON": () => [json, "{"],
  "a body that is not UTF-8": () => [json, Buffer.from([0x22, 0xff, 0x22])],
  "a body that is too large": () => [json, `{"x":"${"x".repeat(20_000)}"}`],
  "no user": () => [json, "{}"],
  "no proof": () => [json, '{"user":{"id":"u"}}'],
};

/** What two requests cannot have in common. */
const withoutOwn = (text: string) =>
  text
    .replace(/"(request_id|token)":"[^"]*"/g, "")
    .replace(/"(expires_at)":\d+/, "")
    .replace(/"status":"(delivered|unchanged)"/, "");

test.each(Object.entries(REQUESTS))(
  "%s: /identify is answered as the standard handler answers it",
  async (_, make) => {
    const answers = [];
    // A query is nothing to the routes, and only the plain path is answered right away.
    for (const path of ["/identify", "/identify?by=fetch"]) {
      const [headers, body] = make();
      const answer = await rawRequest(world.exchange.url + path, {
        method: "POST",
        headers,
        ...(body === undefined ? {} : { body }),
      });
      const { date, ratelimit, "x-request-id": id, "content-length": length, ...others } = answer.headers;
      expect(Number(length)).toBe(answer.bytes.length);
      expect(answer.text).toContain(id);
      expect(typeof ratelimit).toBe(answer.status === 200 ? "string" : "undefined");
      answers.push({ status: answer.status, headers: others, text: withoutOwn(answer.text) });
    }
    expect(answers[0]).toEqual(answers[1]);
  },
);

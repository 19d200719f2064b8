import { afterAll, beforeAll, expect, test } from "vitest";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

let world: World;
let mounted: Awaited<ReturnType<typeof mountExchange>>;
beforeAll(async () => {
  world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "1000" } });
  const identitySecrets = [world.secret];
  mounted = await mountExchange({ identitySecrets, publicUrl: world.exchange.url, rateLimit: 1000 });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await mounted[Symbol.asyncDispose]();
});

const json = { origin: ORIGIN, "content-type": "application/json" };
const good = () => JSON.stringify({ user: { id: "u", name: "Jane" }, proof: world.proofFor("u") });

/** Each as headers and a body. */
const REQUESTS: Record<string, () => [Record<string, string>, (string | Uint8Array<ArrayBuffer>)?]> = {
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
  "a body that is too large": () => [json, `{"x":"${"x".repeat(40_000)}"}`],
  "no user": () => [json, "{}"],
  "no proof": () => [json, '{"user":{"id":"u"}}'],
};

/** What two requests cannot have in common. */
const withoutOwn = (text: string) =>
  text
    .replace(/"(request_id|token)":"[^"]*"/g, "")
    // Tokens are kept for a while, so of two that are alike one may be older by a second.
    .replace(/"(expires_at|expires_in)":\d+/g, "")
    .replace(/"status":"(delivered|unchanged|queued)"/, "");

test.each(Object.entries(REQUESTS))(
  "%s: a server of Node's is answered as the standard handler answers",
  async (_, make) => {
    const [headers, body = ""] = make();
    const init = { method: "POST", headers, body };
    const { url } = world.exchange;
    const byNode = await rawRequest(`${url}/identify`, init);
    const {
      date,
      connection,
      "keep-alive": keepAlive,
      "content-length": length,
      ...headersByNode
    } = byNode.headers;
    expect(Number(length)).toBe(byNode.bytes.length);

    const sized = { ...headers, "content-length": `${Buffer.byteLength(body)}` };
    const request = new Request(`${url}/identify`, { ...init, headers: sized });
    const byFetch = await mounted.fetch(request, { address: "127.0.0.1" });
    const text = await byFetch.text();

    const answers = [
      { status: byNode.status, headers: headersByNode, text: byNode.text },
      { status: byFetch.status, headers: Object.fromEntries(byFetch.headers), text },
    ].map(({ status, headers: all, text }) => {
      const { ratelimit, "x-request-id": id, ...others } = all;
      expect(text).toContain(id);
      expect(typeof ratelimit).toBe(status === 200 ? "string" : "undefined");
      return { status, headers: others, text: withoutOwn(text) };
    });
    expect(answers[0]).toEqual(answers[1]);
  },
);

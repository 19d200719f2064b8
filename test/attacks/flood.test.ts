import { describe, expect, test } from "vitest";
import { clientNetwork } from "../../server/http/admission/client-network.ts";
import { ORIGIN, startWorld } from "../support/world.ts";

const json = { origin: ORIGIN, "content-type": "application/json" };

describe("a flood from one address", () => {
  test("is refused past the limit, and told when to come again; nothing happens meanwhile", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "5" } });
    const answers = [];
    for (let n = 0; n < 8; n++) answers.push(await world.page.identify({ id: `u${n}` }));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const last = answers.at(-1);
    expect(last?.problem().slug).toBe("rate-limited");
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(last?.headers["retry-after"])).toBeLessThanOrEqual(60);
    expect(last?.headers.ratelimit).toMatch(/^"address";r=0;t=\d+$/);
    expect(last?.headers["ratelimit-policy"]).toBe('"address";q=5;w=60');
    expect((await world.signIn("u")).status).toBe(429);
    expect(world.vambe.standIn.upserts()).toEqual([]);
    // What operators and pages need besides is not counted.
    expect((await world.page.send("/livez", {})).status).toBe(200);
    expect((await world.page.send("/vambe-identity.js", {})).status).toBe(200);
  });

  test("is not hidden by made-up X-Forwarded-For headers", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "3" } });
    const statuses = [];
    for (let n = 0; n < 5; n++) {
      const headers = { ...json, "x-forwarded-for": `203.0.113.${n}` };
      statuses.push((await world.page.identify({ id: "u" }, undefined, { headers })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
  });

  test("behind one proxy is told apart by what that proxy wrote, not by what the visitor wrote before it", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "1", VAMBE_TRUST_PROXY: "1" } });
    const from = async (forwarded: string) =>
      (
        await world.page.identify({ id: "u" }, undefined, {
          headers: { ...json, "x-forwarded-for": forwarded },
        })
      ).status;
    expect(await from("198.51.100.1")).toBe(401);
    expect(await from("198.51.100.2")).toBe(401);
    expect(await from("203.0.113.9, 198.51.100.1")).toBe(429);
  });
});

describe("a flood as one user", () => {
  test("is refused at half of the limit, for that user alone", async () => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "6" } });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await world.signIn("busy")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await world.signIn("other")).status).toBe(200);
  });
});

describe("where a request comes from", () => {
  test.each([
    ["the connection", "203.0.113.7", null, 0, "203.0.113.7"],
    ["an IPv4 address in IPv6 clothes", "::ffff:203.0.113.7", null, 0, "203.0.113.7"],
    ["an IPv6 address counts by its /64", "2001:db8:1:2:3:4:5:6", null, 0, "2001:db8:1:2::/64"],
    ["short or long, it is the same /64", "2001:0DB8:0001:0002::9", null, 0, "2001:db8:1:2::/64"],
    ["zeros in the network part", "2001:db8::1", null, 0, "2001:db8:0:0::/64"],
    ["a scope is no part of it", "fe80::1%eth0", null, 0, "fe80:0:0:0::/64"],
    ["no proxy is believed", "203.0.113.7", "192.0.2.1", 0, "203.0.113.7"],
    ["the nearest proxy is believed", "10.0.0.1", "192.0.2.1, 198.51.100.1", 1, "198.51.100.1"],
    ["two proxies are believed", "10.0.0.1", "192.0.2.1, 198.51.100.1", 2, "192.0.2.1"],
    ["more are trusted than there are", "10.0.0.1", "192.0.2.1", 5, "192.0.2.1"],
    ["what is no address is passed over", "10.0.0.1", "<script>", 1, "10.0.0.1"],
    ["a mounted handler without an address", undefined, "192.0.2.1", 1, "192.0.2.1"],
    ["a mounted handler that believes nobody", undefined, "192.0.2.1", 0, undefined],
  ])("%s", (_, address, forwardedFor, trustProxy, network) => {
    expect(clientNetwork(address, forwardedFor, trustProxy)).toBe(network);
  });
});

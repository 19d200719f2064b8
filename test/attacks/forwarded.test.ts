import { describe, expect, test } from "vitest";
import { cameFrom } from "../../server/http/admission/came-from.ts";
import { eventually } from "../support/eventually.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/**
 * A visitor writes X-Forwarded-For or Forwarded himself: to be counted as somebody else each time, or to use up
 * somebody else's limit. And real proxies write them in more than one way.
 */

const from = (address: string | undefined, written: Record<string, string>, trustProxy: number) =>
  cameFrom({ address, headers: new Headers(written) }, trustProxy);

describe("what real proxies write", () => {
  test.each([
    ["a bare address", "198.51.100.1", "198.51.100.1"],
    ["a port behind it (Azure)", "198.51.100.1:5678", "198.51.100.1"],
    ["IPv6 in brackets", "[2001:db8:1:2::9]", "2001:db8:1:2::/64"],
    ["IPv6 in brackets, with a port", "[2001:db8:1:2::9]:5678", "2001:db8:1:2::/64"],
    ["IPv6 without brackets", "2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["quotes", '"198.51.100.1:5678"', "198.51.100.1"],
    ["quotes and brackets", '"[2001:db8:1:2::9]:5678"', "2001:db8:1:2::/64"],
    ["an IPv4 address in IPv6 clothes", "::ffff:198.51.100.1", "198.51.100.1"],
    ["the same in brackets", "[::ffff:198.51.100.1]:80", "198.51.100.1"],
    ["a scope", "[fe80::1%eth0]:80", "fe80:0:0:0::/64"],
    ["a visitor's own line before it", "evil, 203.0.113.9:1 , 198.51.100.1:5678", "198.51.100.1"],
    ["unknown", "unknown", "10.0.0.1"],
    ["a port that is none", "198.51.100.1:x y", "10.0.0.1"],
    ["an address that is none", "1.2.3.4.5:80", "10.0.0.1"],
    ["brackets that do not close", "[2001:db8::1", "10.0.0.1"],
  ])("X-Forwarded-For: %s", (_, value, network) => {
    expect(from("10.0.0.1", { "x-forwarded-for": value }, 1).network).toBe(network);
  });

  test.each([
    ["a bare address", "for=198.51.100.1", "198.51.100.1"],
    ["other parameters beside it", "for=198.51.100.1;proto=https;by=203.0.113.43", "198.51.100.1"],
    ["in another order, and in capitals", "Proto=https; By=_x; For=198.51.100.1", "198.51.100.1"],
    ["a host", 'for=198.51.100.1;host="id.example.com:8443";proto=https', "198.51.100.1"],
    ["a port", 'for="198.51.100.1:4711"', "198.51.100.1"],
    ["IPv6", 'for="[2001:db8:1:2::9]"', "2001:db8:1:2::/64"],
    ["IPv6 with a port", 'for="[2001:db8:1:2::9]:4711"', "2001:db8:1:2::/64"],
    ["a port with a name", 'for="[2001:db8:1:2::9]:_port"', "2001:db8:1:2::/64"],
    ["a visitor's own before it", "for=203.0.113.9, for=198.51.100.1", "198.51.100.1"],
    ["a name that hides the address", "for=_hidden", "10.0.0.1"],
    ["unknown", "for=unknown", "10.0.0.1"],
    ["nothing about whom it is for", "by=203.0.113.43;proto=https", "10.0.0.1"],
  ])("Forwarded: %s", (_, value, network) => {
    expect(from("10.0.0.1", { forwarded: value }, 1).network).toBe(network);
  });

  test("hops are counted from the right, whichever of the two says them", () => {
    for (const written of [
      { "x-forwarded-for": "192.0.2.9, 192.0.2.1:1, 198.51.100.1:2" },
      { forwarded: 'for=192.0.2.9, for="192.0.2.1:1";proto=https, for="198.51.100.1:2"' },
    ]) {
      expect(from("10.0.0.1", written, 2).network).toBe("192.0.2.1");
      expect(from(undefined, written, 1).network).toBe("198.51.100.1");
    }
  });

  test("both, where they agree, count as one", () => {
    const written = { "x-forwarded-for": "198.51.100.1:5678", forwarded: "for=198.51.100.1;proto=https" };
    expect(from("10.0.0.1", written, 1)).toEqual({ network: "198.51.100.1", doubt: undefined });
  });
});

describe("where a request comes from", () => {
  const one = { "x-forwarded-for": "192.0.2.1" };
  const two = { "x-forwarded-for": "192.0.2.1, 198.51.100.1" };
  test.each<[string, string | undefined, Record<string, string>, number, string | undefined]>([
    ["the connection", "203.0.113.7", {}, 0, "203.0.113.7"],
    ["an IPv4 address in IPv6 clothes", "::ffff:203.0.113.7", {}, 0, "203.0.113.7"],
    ["an IPv6 address counts by its /64", "2001:db8:1:2:3:4:5:6", {}, 0, "2001:db8:1:2::/64"],
    ["short or long, it is the same /64", "2001:0DB8:0001:0002::9", {}, 0, "2001:db8:1:2::/64"],
    ["zeros in the network part", "2001:db8::1", {}, 0, "2001:db8:0:0::/64"],
    ["through NAT64 each visitor counts by himself", "64:ff9b::c633:6401", {}, 0, "198.51.100.1"],
    ["and as he does without", "64:ff9b::198.51.100.1", {}, 0, "198.51.100.1"],
    ["what only begins like it is a /64", "64:ff9b:1::c633:6401", {}, 0, "64:ff9b:1:0::/64"],
    ["no proxy is believed", "203.0.113.7", one, 0, "203.0.113.7"],
    ["the nearest proxy is believed", "10.0.0.1", two, 1, "198.51.100.1"],
    ["two proxies are believed", "10.0.0.1", two, 2, "192.0.2.1"],
    ["more are trusted than there are", "10.0.0.1", one, 5, "192.0.2.1"],
    ["what is no address is passed over", "10.0.0.1", { "x-forwarded-for": "<script>" }, 1, "10.0.0.1"],
    ["a mounted handler without an address", undefined, one, 1, "192.0.2.1"],
    ["a mounted handler that believes nobody", undefined, one, 0, undefined],
    ["where nothing is known, all are one", undefined, { "x-forwarded-for": "<script>" }, 1, "unknown"],
    ["and adding a header is no way out", undefined, { ...one, forwarded: "for=_x" }, 1, "unknown"],
    ["nor is taking it away", undefined, {}, 1, "unknown"],
  ])("%s", (_, address, written, trustProxy, network) => {
    expect(from(address, written, trustProxy).network).toBe(network);
  });
});

describe("a forged header", () => {
  test.each([
    ["the other one beside the proxy's", { "x-forwarded-for": "198.51.100.1", forwarded: "for=203.0.113.9" }],
    ["the same, the other way round", { forwarded: "for=198.51.100.1", "x-forwarded-for": "203.0.113.9" }],
    ["one that says nothing", { "x-forwarded-for": "198.51.100.1", forwarded: "for=_x" }],
    ["a quote that swallows what the proxy adds", { forwarded: 'for="203.0.113.9, for=198.51.100.1' }],
    ["a quote that the proxy's own closes", { forwarded: 'for="a, for="[2001:db8::1]"' }],
    ["a host that looks like a hop", { forwarded: 'for=198.51.100.1;host="a, for=203.0.113.9"' }],
    ["a host that ends the quote", { forwarded: 'for=198.51.100.1;host="\\", for=203.0.113.9"' }],
    ["two addresses in one hop", { forwarded: "for=198.51.100.1;for=203.0.113.9" }],
    ["letters that do not belong", { forwarded: "for=198.51.100.1 for=203.0.113.9" }],
  ])("(%s) leads to the connection's own address, and to no one else's limit", (_, written) => {
    expect(from("10.0.0.1", written, 1)).toEqual({ network: "10.0.0.1", doubt: "contradiction" });
  });

  test("does not take the exchange's time", () => {
    for (const piece of ["for=", 'for="', ";", ",", "[", ":", "a=b;", "\t", '"', "1."]) {
      const value = piece.repeat(30_000 / piece.length);
      expect(from("10.0.0.1", { forwarded: value }, 1).network).toBe("10.0.0.1");
      expect(from("10.0.0.1", { "x-forwarded-for": value }, 1).network).toBe("10.0.0.1");
    }
  });
});

describe("where proxies and VAMBE_TRUST_PROXY do not fit, one line in the log says so", () => {
  const warnings = (world: World) =>
    world.exchange.log().filter(({ setting }) => setting === "VAMBE_TRUST_PROXY");
  const visit = (world: World, written: Record<string, string>) =>
    world.page.identify({ id: "u" }, undefined, {
      headers: { origin: ORIGIN, "content-type": "application/json", ...written },
    });

  test.each<[string, string, Record<string, string>, RegExp]>([
    [
      "a proxy's header that is not believed",
      "0",
      { "x-forwarded-for": "198.51.100.1" },
      /number of proxies/,
    ],
    ["the same in the standard's form", "0", { forwarded: "for=198.51.100.1" }, /number of proxies/],
    ["no header of the proxy that is believed", "1", {}, /X-Forwarded-For/],
    ["fewer hops than are believed", "3", { "x-forwarded-for": "198.51.100.1" }, /fewer/],
    ["two that differ", "1", { "x-forwarded-for": "198.51.100.1", forwarded: "for=192.0.2.1" }, /differ/],
  ])("%s", async (_, VAMBE_TRUST_PROXY, written, words) => {
    await using world = await startWorld({ environment: { VAMBE_RATE_LIMIT: "100", VAMBE_TRUST_PROXY } });
    for (let n = 0; n < 5; n++) await visit(world, written);
    await eventually("it is said", () => warnings(world).length > 0);
    expect(warnings(world)).toMatchObject([{ level: "warn" }]);
    expect(String(warnings(world)[0]?.event)).toMatch(words);
    expect(JSON.stringify(warnings(world))).not.toMatch(/198\.51|192\.0/);
  });

  test("and where they fit, none does", async () => {
    await using world = await startWorld({
      environment: { VAMBE_RATE_LIMIT: "100", VAMBE_TRUST_PROXY: "1" },
    });
    await visit(world, { "x-forwarded-for": "198.51.100.1:5678" });
    await visit(world, { "x-forwarded-for": "203.0.113.9, 198.51.100.1" });
    for (const method of ["GET", "OPTIONS"]) {
      for (const path of ["/livez", "/"]) await world.page.send(path, { method });
    }
    await world.exchange.stop();
    expect(warnings(world)).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { cookiesThatReach, hostOf } from "../../../../server/proof/session/cookies.ts";

const APART = { page: "www.shop.example.com", exchange: "id.shop.example.com" };
const reaches = (cookie: string, hosts = APART) => cookiesThatReach([cookie], hosts).length === 1;

describe("a cookie for a domain that the page and the exchange are in", () => {
  test.each([
    "sid=x; Domain=shop.example.com",
    "sid=x; Domain=.shop.example.com; Path=/",
    "sid=x; Path=/; domain=example.com",
    "sid=x;domain=example.com;Secure",
    "sid=x; DOMAIN=EXAMPLE.COM ; Secure",
    "sid=x;  Domain= example.com",
  ])("reaches the browser: %s", (cookie) => {
    expect(reaches(cookie)).toBe(true);
  });
});

describe("another does not, and would become one of the exchange's alone", () => {
  test.each([
    "sid=x",
    "sid=x; Path=/; Secure; HttpOnly",
    "sid=x; Domain=",
    "sid=x; Domain=; Path=/",
    "sid=x; Domain=www.shop.example.com",
    "sid=x; Domain=id.shop.example.com",
    "sid=x; Domain=hop.example.com",
    "sid=x; Domain=shop.example.com.evil.example",
    "sid=domain=example.com",
    "sid=x; NotDomain=example.com",
  ])("%s", (cookie) => {
    expect(reaches(cookie)).toBe(false);
  });
});

test("on the page's own host each does", () => {
  const hosts = { page: "www.shop.example.com", exchange: "www.shop.example.com" };
  for (const cookie of ["sid=x", "__Host-sid=x; Path=/; Secure", "sid=x; Domain=shop.example.com"])
    expect(reaches(cookie, hosts)).toBe(true);
  expect(
    reaches("sid=x; Domain=shop.example.com", { page: "shop.example.com", exchange: "shop.example.com" }),
  ).toBe(true);
});

test("the page's own domain reaches it, and the exchange below it", () => {
  expect(
    reaches("sid=x; Domain=shop.example.com", { page: "shop.example.com", exchange: "id.shop.example.com" }),
  ).toBe(true);
});

test("hosts are compared without scheme, port and path; who has none has none in common with anybody", () => {
  expect(hostOf("https://www.shop.example.com:8443/id")).toBe("www.shop.example.com");
  expect(hostOf(undefined)).toBe("");
  expect(hostOf("null")).toBe("");
});

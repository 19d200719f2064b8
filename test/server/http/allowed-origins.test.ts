import { describe, expect, test } from "vitest";
import { AllowedOrigins } from "../../../server/http/cors.ts";

const [SHOP, ADMIN, BLOG] = ["https://shop.example.com", "https://admin.example.com", "https://blog.example"];
const [PREVIEWS, BRANCHES] = ["https://*.preview.example.com", "https://*.dev.example.org:8443"];
const callFrom = (origin?: string) => ({ headers: new Headers(origin === undefined ? {} : { origin }) });

describe("the origins that are allowed", () => {
  const origins = new AllowedOrigins([SHOP, PREVIEWS, BRANCHES]);

  test.each([SHOP, "https://pr-1.preview.example.com", "https://a.dev.example.org:8443"])(
    "%s is one",
    (origin) => {
      expect(origins.allows(origin)).toBe(true);
      expect(origins.check(callFrom(origin))).toBe(origin);
    },
  );

  test.each([
    "null",
    "",
    ADMIN,
    PREVIEWS,
    "https://preview.example.com",
    "https://.preview.example.com",
    "https://preview.example.com.preview.example.com",
    "https://a.b.preview.example.com",
    "https://A.preview.example.com",
    "https://a.preview.example.com:8443",
    "https://a.dev.example.org",
    `https://${"a".repeat(64)}.preview.example.com`,
    `${SHOP}/`,
  ])("%s is none, and an answer to it can be read by no page", (origin) => {
    expect(origins.allows(origin)).toBe(false);
    expect(origins.headersFor(callFrom(origin))).toEqual({});
    expect(() => origins.check(callFrom(origin))).toThrow(
      "The page's origin is not in VAMBE_ALLOWED_ORIGINS.",
    );
  });

  test("a label of 63 letters is one: names can be as long", () => {
    expect(origins.allows(`https://${"a".repeat(63)}.preview.example.com`)).toBe(true);
  });

  test("who sends none is told so", () => {
    expect(origins.headersFor(callFrom())).toEqual({});
    expect(() => origins.check(callFrom())).toThrow(/has no Origin header, so it does not come from a page/);
  });
});

test("cookies are let through only where the visitor's session is the proof", () => {
  const allowed = { "access-control-allow-origin": SHOP };
  const exposed = { "access-control-expose-headers": "retry-after, x-request-id" };
  expect(new AllowedOrigins([SHOP]).headersFor(callFrom(SHOP))).toEqual({ ...allowed, ...exposed });
  expect(new AllowedOrigins([SHOP], true).headersFor(callFrom(SHOP))).toEqual({
    ...allowed,
    ...exposed,
    "access-control-allow-credentials": "true",
  });
});

test("a token for nobody in particular is for the only page there is, and else for none", () => {
  expect(new AllowedOrigins([SHOP]).only).toBe(SHOP);
  for (const several of [
    [SHOP, ADMIN],
    [SHOP, PREVIEWS],
    [PREVIEWS],
    [SHOP, ADMIN, BLOG, PREVIEWS, BRANCHES],
    [],
  ])
    expect(new AllowedOrigins(several).only).toBeUndefined();
});

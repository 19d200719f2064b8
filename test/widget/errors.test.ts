import { expect, test } from "vitest";
import type { User } from "../../widget/types.ts";
import { eventually } from "../support/eventually.ts";
import { openPage, refused, startExchange, withShortPauses } from "./page.ts";
import { identified, problem } from "./stand-in-exchange.ts";

test("an identity has its times in milliseconds and the exchange's request id", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() =>
    identified("A", { expires_at: 4_000_000_000, ignored: [{ trait: "plan", reason: "unproven" }] }),
  );
  expect(await page.identify({ id: "A", plan: "x" })).toEqual({
    id: "A",
    verified: true,
    status: "delivered",
    applied: [],
    ignored: [{ trait: "plan", reason: "unproven" }],
    token: "token-of-A",
    expiresAt: 4_000_000_000_000,
    requestId: "req-1",
  });
});

test("a problem becomes an IdentifyError that says where to read on", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => problem("proof-signature", 401));
  const error = await refused(page.identify({ id: "A", proof: "a.b.c" }));
  expect(error).toBeInstanceOf(page.window.Error);
  expect({ ...error }).toEqual({
    name: "IdentifyError",
    code: "proof-signature",
    detail: "about proof-signature",
    status: 401,
    type: "https://id.example.com/problems/proof-signature",
    requestId: "req-2",
    errors: undefined,
  });
  expect(page.events.at(-1)).toEqual(["vambe:error", error]);
  expect(exchange.received).toHaveLength(1);
});

test("no event carries the proof", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A", proof: "s3cret" });
  exchange.behave(() => problem("proof-signature", 401));
  await refused(page.identify({ id: "A", proof: "s3cret", plan: "x" }));
  page.identify.reset();
  await Promise.resolve();
  expect(page.heard()).toEqual(["ready", "identified", "error", "reset"]);
  for (const [, detail] of page.events) {
    expect(JSON.stringify([detail, String(detail)])).not.toContain("s3cret");
  }
});

const cyclic: Record<string, unknown> = { id: "A" };
cyclic.fields = cyclic;

test.each([
  ["undefined", undefined],
  ["without id", {}],
  ["id undefined", { id: undefined }],
  ["id null", { id: null }],
  ["id empty", { id: "" }],
  ["id NaN", { id: Number.NaN }],
  ["id Infinity", { id: Number.POSITIVE_INFINITY }],
  ["id a function", { id: () => "A" }],
  ["id a symbol", { id: Symbol("A") }],
  ["id an object", { id: {} }],
  ["a string", "A"],
])("a user who is %s is refused on the spot, with `id` named", async (_, user) => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const error = await refused(page.identify(user as User));
  expect(error).toMatchObject({ name: "IdentifyError", code: "invalid-user" });
  expect(error.detail).toContain("`id`");
  expect(page.heard()).toEqual(["ready", "error"]);
  expect(exchange.received).toHaveLength(0);
  expect(page.console()).toBe("");
});

test.each([
  ["a cycle", cyclic],
  ["a bigint", { id: "A", fields: { big: 1n } }],
  [
    "a getter that throws",
    {
      get id() {
        throw new Error("no");
      },
    },
  ],
])("%s rejects and never throws", async (_, user) => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  expect((await refused(page.identify(user as unknown as User))).code).toBe("invalid-user");
});

test("a user without an id leaves nobody signed in", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  await refused(page.identify({} as User));
  expect(page.identify.current).toBeNull();
});

test.each([
  ["JSON null", "null"],
  ["another user", identified("B").body],
  ["no token", { ...(identified("A").body as object), token: undefined }],
  ["a date in words", { ...(identified("A").body as object), expires_at: "tomorrow" }],
  ["no lists", { ...(identified("A").body as object), ignored: undefined }],
])("an answer with %s is a bad answer", async (_, body) => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => ({ body }));
  expect(await refused(page.identify({ id: "A" }))).toMatchObject({ code: "bad-answer", status: 200 });
  expect(page.identify.current).toBeNull();
});

test("a web page in place of an answer is a bad answer, and may pass: a service worker gave it, or a hotel", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => ({ body: "<!doctype html><title>You are offline</title>" }));
  const error = await refused(page.identify({ id: "A" }));
  expect(error).toMatchObject({ code: "bad-answer", detail: expect.stringContaining("HTTP 200") });
  expect(error.status).toBeUndefined();
  exchange.behave(({ user }) => identified(user.id));
  page.run(`dispatchEvent(new Event("online"))`);
  await eventually("A is identified", () => page.identify.current?.id === "A");
});

test("an error page that is no problem is a bad answer with its status", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => ({ status: 404, body: "<h1>Not Found</h1>" }));
  expect(await refused(page.identify({ id: "A" }))).toMatchObject({ code: "bad-answer", status: 404 });
});

test("a page whose origin is not allowed is told where to look", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.refuseOrigin();
  const error = await refused(page.identify({ id: "A" }));
  expect(error.code).toBe("network");
  expect(error.detail).toContain(exchange.url);
  expect(error.detail).toContain("http://shop.example.com is not in its VAMBE_ALLOWED_ORIGINS");
});

test("a rejection that the page does not handle stays out of its unhandledrejection", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    exchange.behave(() => problem("proof-signature", 401));
    page.identify({} as User);
    page.identify({ id: "A" });
    page.identify({ id: "B" }, { getProof: () => Promise.reject(new Error("no session")) });
    page.identify({ id: "C" });
    page.identify.reset();
    page.identify({ id: "D" });
    await page.window.happyDOM.waitUntilComplete();
    await new Promise((resume) => setTimeout(resume, 20));
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(page.heard()).toContain("error");
  expect(unhandled).toEqual([]);
});

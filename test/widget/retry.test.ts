import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage, refused, startExchange, withShortPauses } from "./page.ts";
import { identified, problem } from "./stand-in-exchange.ts";

test.each([429, 502, 503, 504])("what a %s refuses is tried again", async (status) => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.behave(({ user }, count) =>
    count === 1 ? problem("storage-unavailable", status) : identified(user.id),
  );
  expect((await page.identify({ id: "A" })).id).toBe("A");
  expect(exchange.received).toHaveLength(2);
});

test.each([400, 401, 403, 413, 500])("what a %s refuses is not tried again", async (status) => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.behave(() => problem("some-problem", status));
  expect(await refused(page.identify({ id: "A" }))).toMatchObject({ code: "some-problem", status });
  expect(exchange.received).toHaveLength(1);
});

test("after three attempts the page is told the exchange's own reason", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.behave(() => problem("storage-unavailable", 503));
  expect(await refused(page.identify({ id: "A" }))).toMatchObject({
    code: "storage-unavailable",
    status: 503,
  });
  expect(exchange.received).toHaveLength(3);
});

test("Retry-After is waited for", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.behave(({ user }, count) =>
    count === 1 ? problem("storage-unavailable", 503, { "retry-after": "6" }) : identified(user.id),
  );
  await page.identify({ id: "A" });
  expect(page.pauses).toContain(6000);
});

test("a Retry-After beyond the deadline is told to the page at once", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => problem("storage-unavailable", 503, { "retry-after": "60" }));
  expect((await refused(page.identify({ id: "A" }))).code).toBe("storage-unavailable");
  expect(exchange.received).toHaveLength(1);
});

test("an exchange that never answers is given up at the deadline", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.behave(() => new Promise(() => {}));
  expect((await refused(page.identify({ id: "A" }))).code).toBe("timeout");
  expect(page.pauses).toContain(10_000);
  expect(page.heard()).toEqual(["ready", "error"]);
});

test("a getProof that never answers is given up at the deadline", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  const call = page.identify({ id: "A" }, { getProof: () => new Promise(() => {}) });
  expect((await refused(call)).code).toBe("timeout");
  expect(exchange.received).toHaveLength(0);
});

test("what failed for want of an answer is made again once the browser is online", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.refuseOrigin();
  expect((await refused(page.identify({ id: "A" }))).code).toBe("network");
  exchange.refuseOrigin(false);
  page.run(`dispatchEvent(new Event("online"))`);
  await eventually("A is identified", () => page.identify.current?.id === "A");
  page.run(`dispatchEvent(new Event("online"))`);
  expect(page.heard()).toEqual(["ready", "error", "identified"]);
  expect(exchange.received).toHaveLength(1);
});

test("what was refused is not made again when the browser comes online", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => problem("proof-signature", 401));
  await refused(page.identify({ id: "A" }));
  page.run(`dispatchEvent(new Event("online"))`);
  await new Promise((resume) => setTimeout(resume, 50));
  expect(exchange.received).toHaveLength(1);
});

test("what failed before a log-out is not made again after it", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.refuseOrigin();
  await refused(page.identify({ id: "A" }));
  page.identify.reset();
  exchange.refuseOrigin(false);
  page.run(`dispatchEvent(new Event("online"))`);
  await new Promise((resume) => setTimeout(resume, 50));
  expect(exchange.received).toHaveLength(0);
});

test("where the part that tries again cannot be had, the script does when the browser is online", async () => {
  await using exchange = await startExchange({});
  await using page = await openPage(exchange, { timers: withShortPauses });
  exchange.refuseOrigin();
  expect((await refused(page.identify({ id: "A" }))).code).toBe("network");
  exchange.refuseOrigin(false);
  page.run(`dispatchEvent(new Event("online"))`);
  await eventually("A is identified", () => page.identify.current?.id === "A");
});

test("a part that cannot be had, as behind an ad blocker, is asked for again after a while, whatever the page does meanwhile", async () => {
  await using exchange = await startExchange({});
  await using page = await openPage(exchange);
  for (let plan = 0; plan < 30; plan++)
    await page.identify({ id: "A", plan: `${plan}` }, { getProof: async () => "a proof" });
  await eventually("the part has failed", () => page.pauses.includes(20_000));
  for (let plan = 30; plan < 60; plan++)
    await page.identify({ id: "A", plan: `${plan}` }, { getProof: async () => "a proof" });
  expect(page.pauses.filter((ms) => ms >= 20_000)).toEqual([20_000]);
});

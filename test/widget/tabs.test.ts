import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage, type Page, refused, startExchange } from "./page.ts";

test("what is stored is the id, and none of name, email, plan, proof and token", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A", name: "Jane", email: "j@example.com", plan: "premium", proof: "a.b.c" });
  expect(page.stated()).toBe("A");
  expect(page.window.document.cookie).toBe("");
});

test("a log-out in another tab is a log-out here", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  page.elsewhere(null);
  await eventually("reset", () => page.heard().includes("reset"));
  expect(page.identify.current).toBeNull();
});

test("a log-out in another tab stops what is under way here", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { remembered: "A" });
  exchange.behave(() => new Promise(() => {}));
  const call = refused(page.identify({ id: "A" }));
  page.elsewhere(null);
  expect((await call).code).toBe("superseded");
});

test("another user in another tab ends the identity here, and that tab's record stays", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  page.elsewhere("B");
  await eventually("reset", () => page.heard().includes("reset"));
  expect(page.identify.current).toBeNull();
  expect(page.stated()).toBe("B");
});

test("the same user in another tab changes nothing here", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const identity = await page.identify({ id: "A" });
  page.elsewhere("A");
  await page.window.happyDOM.waitUntilComplete();
  expect(page.identify.current).toBe(identity);
  expect(page.heard()).toEqual(["ready", "identified"]);
});

test("a log-out on a page that has identified nobody yet still reaches the other tabs", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { remembered: "A" });
  page.identify.reset();
  expect(page.stated()).toBeNull();
});

test("with storage blocked, identify, log-out and the same call again all work", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { blockStorage: true });
  await page.identify({ id: "A" });
  expect(page.identify.current?.id).toBe("A");
  page.identify.reset();
  expect(page.identify.current).toBeNull();
  await page.identify({ id: "A" });
  expect(page.heard()).toEqual(["ready", "identified", "reset", "identified"]);
});

const THAW = `dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }))`;

test("a log-out while the page lay in the back/forward cache is seen when it comes back", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  page.run(`localStorage["vambe-identity"] = JSON.stringify([null, Date.now() + 1, 0]); ${THAW}`);
  expect(page.identify.current).toBeNull();
});

test("coming back from the back/forward cache changes nothing else, with storage blocked or not", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await using blocked = await openPage(exchange, { blockStorage: true });
  for (const { identify, run } of [page, blocked]) {
    const call = identify({ id: "A" });
    run(THAW);
    expect((await call).id).toBe("A");
    run(THAW);
    expect(identify.current?.id).toBe("A");
  }
});

/** Browsers bring storage from one process to another a moment late: the event tells of more than storage has kept. */
const overwritten = (page: Page, id: string | null, more = "") =>
  page.run(`
    const statement = JSON.stringify([${JSON.stringify(id)}, Date.now() + 9, 0]);
    ${more}
    dispatchEvent(new StorageEvent("storage", { key: "vambe-identity", newValue: statement }));`);

test("a log-out over which this page has written its own, older word is stored again", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  overwritten(page, null);
  expect(page.identify.current).toBeNull();
  expect(page.stated()).toBeNull();
  page.run(THAW);
  expect(page.stated()).toBeNull();
});

test("what the page has said last is stored again where another tab has written something older over it", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  page.run(`
    localStorage["vambe-identity"] = JSON.stringify(["B", Date.now() - 60_000, 0]);
    dispatchEvent(new StorageEvent("storage", { key: "vambe-identity", newValue: localStorage["vambe-identity"] }));`);
  expect(page.identify.current?.id).toBe("A");
  expect(page.stated()).toBe("A");
});

test("what a site has cleared is not stored again", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  overwritten(page, null, "localStorage.clear();");
  expect(page.identify.current).toBeNull();
  expect(page.stated()).toBeUndefined();
});

import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage, STUB, startExchange } from "./page.ts";

test("identify A, reset, identify B before the script has loaded ends as B", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, {
    before: `${STUB} VambeIdentify({ id: "A" }); VambeIdentify(null); VambeIdentify({ id: "B" });`,
  });
  await eventually("B is identified", () => page.identify.current?.id === "B");
  expect(page.heard()).toEqual(["ready", "reset", "identified"]);
});

test("what a handler of vambe:reset asks for comes after the calls that were waiting", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, {
    before: `${STUB}
      addEventListener("vambe:reset", () => VambeIdentify({ id: "from the handler" }));
      VambeIdentify({ id: "A" }); VambeIdentify(null); VambeIdentify({ id: "B" });`,
  });
  await eventually("someone is identified", () => page.identify.current);
  expect(page.identify.current?.id).toBe("from the handler");
});

test("what a handler of vambe:ready asks for comes after the calls that were waiting", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, {
    before: `${STUB}
      addEventListener("vambe:ready", () => VambeIdentify({ id: "B" }));
      VambeIdentify({ id: "A" });`,
  });
  await eventually("someone is identified", () => page.identify.current);
  expect(page.identify.current?.id).toBe("B");
});

test("a page without the stub can call as soon as vambe:ready has been", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  expect(page.heard()).toEqual(["ready"]);
  expect(await page.identify({ id: "A" })).toMatchObject({ id: "A", status: "delivered" });
});

test("loaded twice, the first copy stays in charge", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { before: `${STUB} VambeIdentify({ id: "A" });` });
  const first = page.identify;
  await eventually("A is identified", () => first.current);
  await page.load();
  expect(page.run("VambeIdentify")).toBe(first);
  expect(page.heard()).toEqual(["ready", "identified"]);
  expect(exchange.received).toHaveLength(1);
});

test("data-user identifies without any script of the page's own", async () => {
  await using exchange = await startExchange();
  const tag = { "data-user": JSON.stringify({ id: 7, name: "Jane", proof: "a.b.c" }) };
  await using page = await openPage(exchange, { tag });
  await eventually("7 is identified", () => page.identify.current?.id === "7");
  expect(exchange.received).toEqual([{ user: { id: 7, name: "Jane" }, proof: "a.b.c" }]);
});

test("a data-user that is not JSON is named on the console, and the page's own calls still work", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { tag: { "data-user": "{id: 7}" } });
  expect(page.console()).toContain("data-user");
  expect(await page.identify({ id: 7 })).toMatchObject({ id: "7" });
});

test("data-server says where the exchange is", async () => {
  await using elsewhere = await startExchange();
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { tag: { "data-server": `${elsewhere.url}/` } });
  await page.identify({ id: "A" });
  expect(elsewhere.received).toHaveLength(1);
  expect(exchange.received).toHaveLength(0);
});

test("an element that calls itself currentScript decides nothing: the script knows no exchange then", async () => {
  await using exchange = await startExchange();
  await using evil = await startExchange();
  await using page = await openPage(exchange, {
    before: `Object.defineProperty(document, "currentScript", {
      get: () => Object.assign(document.createElement("img"), { src: "${evil.url}/vambe-identity.js" }),
    });`,
  });
  await expect(page.identify({ id: "A" })).rejects.toMatchObject({ code: "network" });
  expect([exchange.received, evil.received]).toEqual([[], []]);
});

test("the script adds one global, and nothing to any prototype", async () => {
  await using exchange = await startExchange();
  const look = `(() => { const seen = [globalThis, Object, Array, Function, Promise, String, EventTarget, Element]
    .flatMap((it, at) => Object.getOwnPropertyNames(at ? it.prototype : it).map((name) => at + name));
    return JSON.stringify(seen); })()`;
  await using page = await openPage(exchange, { before: `window.before = ${look};` });
  await page.identify({ id: "A" });
  const before = new Set(JSON.parse(String(page.run("window.before"))));
  const added = JSON.parse(String(page.run(look))).filter((name: string) => !before.has(name));
  expect(added.filter((name: string) => name !== "0before")).toEqual(["0VambeIdentify"]);
});

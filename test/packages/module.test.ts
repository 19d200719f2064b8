import { expect, test } from "vitest";
import { identified, problem, startStandIn } from "../widget/stand-in-exchange.ts";
import { openModulePage, said, untilSaid } from "./module-page.ts";

test("the first identify asks the page's own origin, and installs VambeIdentify and nothing else", async () => {
  await using site = await openModulePage();
  const { page } = site;
  expect(await page.evaluate(() => typeof window.VambeIdentify)).toBe("undefined");
  const outcome = await page.evaluate(async () => {
    const before = Object.keys(window);
    const ready = new Promise((resolve) => addEventListener("vambe:ready", () => resolve(true)));
    const { id, status } = await window.widget.identify({ id: "A" });
    await ready;
    return { id, status, added: Object.keys(window).filter((name) => !before.includes(name)) };
  });
  expect(outcome).toEqual({ id: "A", status: "delivered", added: ["VambeIdentify"] });
  expect(site.exchange.received.map(({ user }) => user.id)).toEqual(["A"]);
  expect(await said(page)).toEqual(["anonymous", "identifying", "identified A"]);
});

test("subscribe tells every change once, with the same object in between, until it is told to stop", async () => {
  await using site = await openModulePage();
  const { page } = site;
  const same = await page.evaluate(async () => {
    const states: unknown[] = [];
    const stop = window.widget.subscribe((state) => states.push(state));
    await window.widget.identify({ id: "A" });
    await window.widget.identify({ id: "A" });
    await new Promise((resume) => setTimeout(resume));
    window.widget.subscribe((state) => states.push(state))();
    stop();
    await window.widget.identify({ id: "B" });
    return [states.length, states.at(-1) === states.at(-2)];
  });
  // Nobody, under way, A, and A again for the second subscriber.
  expect(same).toEqual([4, true]);
  await page.evaluate(() => window.widget.reset());
  await untilSaid(page, "anonymous");
  expect(await said(page)).toEqual([
    "anonymous",
    "identifying",
    "identified A",
    "identifying",
    "identified B",
    "anonymous",
  ]);
});

test("a listener that throws keeps the others from nothing", async () => {
  await using site = await openModulePage();
  await site.page.evaluate(() => {
    let calls = 0;
    window.widget.subscribe(() => {
      if (calls++ > 0) throw new Error("the listener's own fault");
    });
    const { said } = window;
    window.widget.subscribe(({ status }) => said.push(`second: ${status}`));
    return window.widget.identify({ id: "A" });
  });
  await untilSaid(site.page, "second: identified");
  expect(new Set(site.complaints)).toEqual(new Set(["the listener's own fault"]));
});

test("a failure is told with its error, and a call that was wrong does not speak for the next one", async () => {
  await using site = await openModulePage();
  const { page, exchange } = site;
  exchange.behave(() => problem("proof-missing", 401));
  await page.evaluate(() => window.widget.identify({ id: "A" }).catch(() => {}));
  await untilSaid(page, "failed proof-missing");
  exchange.behave(({ user }) => identified(user.id));
  await page.evaluate(() => {
    window.widget.identify({ id: "" });
    return window.widget.identify({ id: "B" });
  });
  await untilSaid(page, "identified B");
  expect(await said(page)).toEqual([
    "anonymous",
    "identifying",
    "failed proof-missing",
    "identifying",
    "identified B",
  ]);
  await page.evaluate(() => void window.widget.identify({ id: "" }));
  await untilSaid(page, "failed invalid-user");
  expect(site.complaints.filter((text) => !text.includes("401"))).toEqual([]);
});

test("configure says where the exchange is and that cookies go along", async () => {
  await using elsewhere = await startStandIn();
  await using site = await openModulePage();
  const { page } = site;
  await page.context().addCookies([{ name: "session", value: "1", url: elsewhere.url }]);
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.evaluate((server) => {
    window.widget.configure({ server, credentials: "include" });
    return window.widget.identify({ id: "A" });
  }, `${elsewhere.url}/`);
  expect((await sent).url()).toBe(`${elsewhere.url}/identify`);
  expect((await (await sent).allHeaders()).cookie).toBe("session=1");
});

test("the id is handed to the webchat before anyone hears of it, under the name that the page gives", async () => {
  for (const [webchat, option] of [
    [true, "externalUserId"],
    ["visitor", "visitor"],
  ] as const) {
    await using site = await openModulePage();
    const { page } = site;
    const handed = await page.evaluate(async (asked) => {
      const config: Record<string, unknown> = { channelId: "c" };
      Object.assign(window, { embeddedWebchatConfig: config });
      const heard: unknown[] = [];
      addEventListener("vambe:identified", () => heard.push({ ...config }));
      window.widget.subscribe(({ status }) => status === "identified" && heard.push({ ...config }));
      window.widget.configure({ webchat: asked });
      await window.widget.identify({ id: "A" });
      await new Promise((resume) => setTimeout(resume));
      window.widget.reset();
      return [...heard, config];
    }, webchat);
    const known = { channelId: "c", [option]: "A" };
    expect(handed).toEqual([known, known, { channelId: "c" }]);
  }
});

test("the webchat can be brought along, as the script tag does", async () => {
  await using site = await openModulePage();
  await site.page.evaluate(() => {
    window.widget.configure({ webchat: { client: "client-1", channel: "channel-1", src: "/webchat.js" } });
    return window.widget.identify({ id: "A" });
  });
  const read = () => document.documentElement.dataset.webchat;
  const loaded = await (await site.page.waitForFunction(read)).jsonValue();
  expect(JSON.parse(loaded ?? "")).toEqual({
    clientId: "client-1",
    channelId: "channel-1",
    externalUserId: "A",
  });
});

test("a log-out in another tab is one here", async () => {
  await using site = await openModulePage();
  await site.page.evaluate(() => window.widget.identify({ id: "A" }));
  await untilSaid(site.page, "identified A");
  const other = await site.anotherTab();
  await other.evaluate(() => window.widget.reset());
  await untilSaid(site.page, "anonymous");
});

test("the badge's code is fetched when there is somebody to show, and the badge can be taken away", async () => {
  await using site = await openModulePage();
  const { page, exchange } = site;
  const asked = () => exchange.requests.filter((request) => request.includes("badge")).length;
  await page.evaluate(() => {
    const element = document.getElementById("account") ?? document.body;
    const removeOne = window.widget.mountBadge({ placement: "top-right", words: { verified: "It is you" } });
    const removeOther = window.widget.mountBadge({ element, lang: "es" });
    window.widget.mountBadge({ placement: "bottom-left" })();
    addEventListener("click", () => [removeOne(), removeOther()]);
  });
  await page.waitForLoadState("networkidle");
  expect(asked()).toBe(0);
  await page.evaluate(() => window.widget.identify({ id: "A", name: "Jane Doe" }));
  const corner = page.locator("html > vambe-identity");
  const inside = page.locator("#account > vambe-identity");
  await corner.getByText("It is you").waitFor();
  await inside.getByText("Identidad verificada").waitFor();
  expect(await page.locator("vambe-identity").count()).toBe(2);
  expect(asked()).toBe(1);

  await page.evaluate(() => dispatchEvent(new Event("click")));
  expect(await page.locator("vambe-identity").count()).toBe(0);
  await page.evaluate(() => window.widget.mountBadge({ element: "#account", lang: "en" }));
  await inside.getByText("Identity verified").waitFor();
  expect(site.complaints).toEqual([]);
});

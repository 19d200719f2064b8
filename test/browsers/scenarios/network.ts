import { expect } from "vitest";
import { identified, problem } from "../../widget/stand-in-exchange.ts";
import type { Tab } from "../driver/tab.ts";
import {
  badgeText,
  current,
  identify,
  identifyAndForget,
  untilBadgeSays,
  untilCurrent,
  untilReady,
} from "../in-the-page.ts";
import type { RunningExchange } from "../running-exchange.ts";
import type { Scenarios } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const RETRY = "Try again";

export function network({ scenario, scenarioWithStandIn }: Scenarios): void {
  scenario("headers that a page's monitoring adds to each request are in nobody's way", async (stage) => {
    const tab = await stage.visit("traced.html");
    await untilReady(tab);
    expect(await identify(tab, stage.exchange.proven({ id: "user-traced-01" }))).toBe("delivered");
  });

  scenario("offline, nobody is known; online again, the call is made by itself", async (stage) => {
    const { exchange } = stage;
    const tab = await visitWithBadge(stage);
    await exchange.goAway();
    await tab.setOffline(true);
    await identifyAndForget(tab, exchange.proven(ANA));
    await untilBadgeSays(tab, "Identifying");
    expect(await current(tab)).toBeNull();
    await exchange.comeBack();
    await tab.setOffline(false);
    await untilCurrent(tab, ANA.id);
    await untilBadgeSays(tab, "Identity verified");
  });

  scenario("what failed for want of a network is made good by itself once there is one", async (stage) => {
    const { exchange } = stage;
    const tab = await visitWithBadge(stage);
    await exchange.goAway();
    expect(await identify(tab, exchange.proven(ANA))).toBe("network");
    await untilBadgeSays(tab, RETRY);
    await tab.setOffline(true);
    await exchange.comeBack();
    await tab.setOffline(false);
    await untilBadgeSays(tab, "Identity verified");
    expect(await current(tab)).toBe(ANA.id);
  });

  scenario("a badge whose code could not be had at first comes with the next answer", async (stage) => {
    const { exchange } = stage;
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    await exchange.goAway();
    expect(await identify(tab, exchange.proven(ANA))).toBe("network");
    await exchange.comeBack();
    expect(await identify(tab, exchange.proven(ANA))).toBe("delivered");
    await untilBadgeSays(tab, ANA.name);
  });

  scenario("a server that is down says so to the page, and the badge's button tries again", async (stage) => {
    const { exchange } = stage;
    const tab = await visitWithBadge(stage);
    await exchange.goAway();
    expect(await identify(tab, exchange.proven(ANA))).toBe("network");
    await untilBadgeSays(tab, RETRY);
    await exchange.comeBack();
    await clickRetry(tab);
    await untilBadgeSays(tab, "Identity verified");
    expect(await current(tab)).toBe(ANA.id);
  });

  scenario("the badge never takes the focus; who wants to try again by keyboard can", async (stage) => {
    const { exchange } = stage;
    const tab = await visitWithBadge(stage);
    await exchange.goAway();
    expect(await identify(tab, exchange.proven(ANA))).toBe("network");
    await untilBadgeSays(tab, RETRY);
    expect(await tab.evaluate(() => document.activeElement?.localName)).toBe("body");
    await exchange.comeBack();
    await tab.press("Tab");
    await tab.waitFor("the button has the focus", () => {
      const shadow = document.querySelector("vambe-identity")?.shadowRoot;
      return shadow?.activeElement?.localName === "button";
    });
    await tab.press("Enter");
    await untilBadgeSays(tab, "Identity verified");
  });

  scenarioWithStandIn("a server that is slow is waited for", async (stage) => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    stage.exchange.behave(async ({ user }) => {
      await held;
      return identified(user.id);
    });
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    await identifyAndForget(tab, ANA);
    await untilBadgeSays(tab, "Identifying");
    expect(await current(tab)).toBeNull();
    answer();
    await untilCurrent(tab, ANA.id);
    await untilBadgeSays(tab, "Identity verified");
  });

  scenarioWithStandIn("a server that never answers is given up", async (stage) => {
    stage.exchange.behave(() => new Promise(() => {}));
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    expect(await identify(tab, ANA)).toBe("timeout");
    await untilBadgeSays(tab, RETRY);
  });

  scenario("a server that refuses is quoted, with the request's id", async (stage) => {
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    const refusal = await tab.evaluate(
      (who) =>
        window.VambeIdentify?.(who).then(
          () => null,
          ({ code, status, type, requestId }: Record<string, unknown>) => ({ code, status, type, requestId }),
        ),
      { ...ANA, proof: "not a proof" },
    );
    expect(refusal).toMatchObject({ status: 401, requestId: expect.any(String) });
    expect(refusal?.type).toBe(`${stage.exchange.url}/problems/${refusal?.code}`);
    await untilBadgeSays(tab, RETRY);
    expect(await badgeText(tab)).not.toContain(String(refusal?.code));
  });

  for (const [name, answer, code] of [
    ["refuses with 403", problem("origin-not-allowed", 403), "origin-not-allowed"],
    [
      "answers with a web page",
      { headers: { "content-type": "text/html" }, body: "<h1>Hello</h1>" },
      "bad-answer",
    ],
    ["answers with other JSON", { body: { hello: "world" } }, "bad-answer"],
    ["answers about somebody else", identified("user-bruno-02"), "bad-answer"],
    ["breaks down", { status: 500, body: "" }, "bad-answer"],
  ] as const) {
    scenarioWithStandIn(`a server that ${name} is an error with a code, not an identity`, async (stage) => {
      stage.exchange.behave(() => answer);
      const tab = await stage.visit("plain.html");
      await untilReady(tab);
      expect(await identify(tab, ANA)).toBe(code);
      await untilBadgeSays(tab, RETRY);
      expect(await current(tab)).toBeNull();
    });
  }
}

/** The badge's code comes from the exchange too: it has to be there before the exchange goes away. */
async function visitWithBadge({ visit, exchange }: Stage<RunningExchange>): Promise<Tab> {
  const tab = await visit("plain.html");
  await untilReady(tab);
  await identifyAndForget(tab, exchange.proven({ id: "user-bruno-02", name: "Bruno Costa" }));
  await untilBadgeSays(tab, "Bruno Costa");
  return tab;
}

const clickRetry = (tab: Tab) =>
  tab.click(() => document.querySelector("vambe-identity")?.shadowRoot?.querySelector("button"));

import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { identified } from "../../widget/stand-in-exchange.ts";
import type { Tab } from "../driver/tab.ts";
import { current, identify, untilBadgeSays, untilCurrent, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { settled } from "../settled.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const TWO_HOURS = 7_200_000;

/** Tabs that were put to sleep, and networks that are not what they say. */
export function asleep({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "a tab frozen while its visitor was identified goes on when it is seen, or online, again",
    async ({ visit, exchange }) => {
      // What is tried again later by itself would hide whether the tab has woken up.
      exchange.files["/vambe-identity-tend.js"] = "export const mount = () => {};";
      exchange.behave(() => new Promise(() => {}));
      const tabs = [await visit("plain.html"), await visit("without-badge.html")] as const;
      for (const tab of tabs) await untilReady(tab);
      const outcomes = await Promise.all(tabs.map((tab) => identify(tab, ANA)));
      expect(outcomes).toEqual(["timeout", "timeout"]);

      exchange.behave(({ user }) => identified(user.id));
      const [seen, online] = tabs;
      await seen.evaluate(
        () => void document.dispatchEvent(new Event("visibilitychange", { bubbles: true })),
      );
      await untilCurrent(seen, ANA.id);
      await untilBadgeSays(seen, ANA.name);
      expect(await current(online)).toBeNull();
      await online.evaluate(() => void dispatchEvent(new Event("online")));
      await untilCurrent(online, ANA.id);
    },
  );

  scenarioWithStandIn(
    "a browser that wrongly says it is offline gets new tokens all the same",
    async ({ visit, exchange }) => {
      exchange.behave(({ user, proof }) =>
        identified(user.id, { token: `token for ${proof}`, expiresIn: 3600 }),
      );
      const tab = await visit("offline-wrongly.html");
      await untilReady(tab);
      expect(await identifyWithProofs(tab)).toBe("token for proof-1");
      await untilTended(tab);
      await sleep(tab, TWO_HOURS);
      await tab.waitFor("the new token", () => window.VambeIdentify?.current?.token === "token for proof-2");
      // And so on.
      await sleep(tab, TWO_HOURS);
      await tab.waitFor("the next token", () => window.VambeIdentify?.current?.token === "token for proof-3");
    },
  );

  scenarioWithStandIn(
    "a page that a network or a service worker gives in the exchange's place is no answer: later there is one",
    async ({ visit, exchange }) => {
      const hotel = { headers: { "content-type": "text/html" }, body: "<h1>Welcome to our hotel</h1>" };
      exchange.behave(({ user }, count) => (count === 1 ? hotel : identified(user.id)));
      const tab = await visit("plain.html");
      await untilReady(tab);
      const failure = await tab.evaluate(
        (user) =>
          window.VambeIdentify?.(user).then(
            () => null,
            ({ code, status }: { code: string; status?: number }) => ({ code, status: status ?? "none" }),
          ),
        ANA,
      );
      expect(failure).toEqual({ code: "bad-answer", status: "none" });
      await untilCurrent(tab, ANA.id);
      await untilBadgeSays(tab, ANA.name);
      await eventually("it was asked again", () => exchange.received.length === 2);
    },
  );

  scenarioWithStandIn(
    "a server's own error page, by contrast, is an answer: it is not asked again",
    async ({ visit, exchange }) => {
      exchange.behave(() => ({ status: 404, headers: { "content-type": "text/html" }, body: "<h1>No</h1>" }));
      const tab = await visit("plain.html");
      await untilReady(tab);
      expect(await identify(tab, ANA)).toBe("bad-answer");
      await sleep(tab, TWO_HOURS);
      await settled();
      expect(exchange.received).toHaveLength(1);
    },
  );
}

/** The token that came with the first proof. */
const identifyWithProofs = (tab: Tab) =>
  tab.evaluate(async (user) => {
    let proofs = 0;
    const identity = await window.VambeIdentify?.(user, { getProof: () => `proof-${++proofs}` });
    return identity?.token;
  }, ANA);

/** What is done later is done by a part that comes with the first identity. */
const untilTended = (tab: Tab) =>
  tab.waitFor("the part that renews is there", () =>
    performance.getEntriesByType("resource").some(({ name }) => name.includes("-tend.js")),
  );

/** The tab sleeps for so long, and is seen again. */
const sleep = (tab: Tab, milliseconds: number) =>
  tab.evaluate((slept) => {
    const { now } = Date;
    Date.now = () => now() + slept;
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, milliseconds);

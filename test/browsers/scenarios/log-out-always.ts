import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import { current, identify, logOut, untilBadgeSays, untilCurrent, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { untilGone } from "../what-is-left.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

/** What a page does to itself once somebody is signed in. */
type Fault = (tab: Tab) => Promise<void>;

const nothing: Fault = async () => {};
const freezeWebchat: Fault = async (tab) => {
  const frozen = await tab.evaluate(() => ({
    ...Object.freeze(Reflect.get(window, "embeddedWebchatConfig")),
  }));
  expect(frozen).toEqual({ clientId: "own", externalUserId: ANA.id });
};
const breakFetch =
  (how: string): Fault =>
  (tab) =>
    tab.evaluate((kind) => {
      document.documentElement.dataset.fetch = kind;
    }, how);

const FAULTS: [what: string, page: string, fault: Fault, outcomes: string[]][] = [
  ["whose errors are frozen", "frozen-errors.html", nothing, ["delivered"]],
  ["whose webchat's configuration is frozen for good", "frozen-webchat.html", nothing, ["delivered"]],
  ["that freezes the webchat's configuration later", "webchat-and-badge.html", freezeWebchat, ["delivered"]],
  ["whose webchat's configuration throws", "guarded-webchat.html", nothing, ["delivered"]],
  ["whose fetch throws", "wrapped-fetch.html", breakFetch("throws"), ["network"]],
  ["whose fetch gives nothing", "wrapped-fetch.html", breakFetch("nothing"), ["network"]],
  [
    "whose fetch gives no headers",
    "wrapped-fetch.html",
    breakFetch("bare"),
    // There is an answer; whether it is taken without its headers is another matter.
    ["delivered"],
  ],
  ["whose handlers throw", "throwing-handlers.html", nothing, ["delivered"]],
];

/** A throw, wherever it comes from, never keeps somebody in the page who has left it. */
export function logOutAlways({ scenarioWithStandIn }: Scenarios): void {
  for (const [what, page, fault, outcomes] of FAULTS) {
    scenarioWithStandIn(`a page ${what}: who logs out is gone`, async ({ visit }) => {
      const tab = await visit(page);
      await signIn(tab);
      await fault(tab);
      await logOut(tab);
      expect(await current(tab)).toBeNull();
      await untilGone(tab, ANA);
    });

    scenarioWithStandIn(`a page ${what}: the user before is gone when another comes`, async ({ visit }) => {
      const tab = await visit(page);
      await signIn(tab);
      await fault(tab);
      expect(outcomes).toContain(await identify(tab, BRUNO));
      await untilGone(tab, ANA);
      await untilBadgeSays(tab, BRUNO.name);
    });
  }

  scenarioWithStandIn(
    "a user that cannot be read is a log-out, and an error with a code",
    async ({ visit }) => {
      const tab = await visit("frozen-errors.html");
      await signIn(tab);
      expect(await identify(tab, { id: "" })).toBe("invalid-user");
      await untilGone(tab, ANA);
    },
  );
}

async function signIn(tab: Tab) {
  await untilReady(tab);
  expect(await identify(tab, ANA)).toBe("delivered");
  await untilCurrent(tab, ANA.id);
  await untilBadgeSays(tab, ANA.name);
}

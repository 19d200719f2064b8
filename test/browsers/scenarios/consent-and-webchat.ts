import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { heldBack } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { answerConsent, identify, identifyAndForget, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { settled } from "../settled.ts";
import { stored } from "../what-is-left.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };

/** The webchat of a site on which a visitor must agree first. */
export function consentAndWebchat({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "before consent there is no webchat, not even after the wait; then there is, for who is there",
    async (stage) => {
      const { exchange, site } = stage;
      site.fill({ wait: "50" });
      const tab = await stage.visit("consent-webchat.html");
      await untilReady(tab);
      await identifyAndForget(tab, ANA);
      await settled();
      expect(exchange.requests).toEqual(["GET /vambe-identity.js", "GET /vambe-identity-gate.js"]);
      expect(site.asked()).not.toContain("webchat.js");
      expect(await tab.evaluate(() => "embeddedWebchatConfig" in window)).toBe(false);

      await answerConsent(tab, true);
      const told = await tab.waitFor("the webchat", () => document.documentElement.dataset.webchat);
      expect(JSON.parse(told ?? "")).toMatchObject({ clientId: "client-1", externalUserId: ANA.id });
    },
  );

  scenarioWithStandIn("with consent, and nobody there, the webchat comes after the wait", async (stage) => {
    stage.site.fill({ wait: "50" });
    const tab = await stage.visit("consent-webchat.html");
    await untilReady(tab);
    await answerConsent(tab, true);
    const told = await tab.waitFor("the webchat", () => document.documentElement.dataset.webchat);
    expect(told).not.toContain("externalUserId");
  });

  scenarioWithStandIn("after a refusal there is no webchat", async ({ visit, site, exchange }) => {
    site.fill({ wait: "50" });
    const tab = await visit("consent-webchat.html");
    await untilReady(tab);
    await answerConsent(tab, false);
    await identifyAndForget(tab, ANA);
    await settled();
    expect(site.asked()).not.toContain("webchat.js");
    expect(exchange.requests).toEqual(["GET /vambe-identity.js", "GET /vambe-identity-gate.js"]);
    expect(await stored(tab)).toEqual({});
  });

  scenarioWithStandIn(
    "after consent that is taken back at once there is no webchat, whatever is called",
    async ({ visit, site, exchange }) => {
      site.fill({ wait: "300" });
      const tab = await visit("consent-webchat.html");
      await untilReady(tab);
      await tab.evaluate(async () => {
        const isThere = () =>
          performance.getEntriesByType("resource").some(({ name }) => name.includes("-chat.js"));
        window.VambeIdentify?.consent(true);
        while (!isThere()) await new Promise((resume) => setTimeout(resume, 10));
        window.VambeIdentify?.consent(false);
        window.VambeIdentify?.reset();
      });
      await identifyAndForget(tab, ANA);
      // Longer than the wait for somebody to come.
      await settled(700);
      expect(site.asked()).not.toContain("webchat.js");
      expect(exchange.received).toEqual([]);
      expect(await stored(tab)).toEqual({});
    },
  );

  scenarioWithStandIn(
    "who takes the consent back while the webchat runs gets a page without it",
    async ({ visit, site }) => {
      site.fill({ wait: "50" });
      const tab = await visit("consent-webchat.html");
      await untilReady(tab);
      await answerConsent(tab, true);
      expect(await identify(tab, ANA)).toBe("delivered");
      await tab.waitFor("the webchat", () => document.documentElement.dataset.webchat);
      await tab.evaluate(() => document.body.setAttribute("data-marked", ""));
      await answerConsent(tab, false);
      await isLoadedAnew(tab);
    },
  );

  for (const [who, ANYBODY] of [
    ["Ana", ANA],
    ["nobody", undefined],
  ] as const) {
    scenarioWithStandIn(
      `who takes the consent back while the webchat is on its way, for ${who}, gets a page without it`,
      async ({ visit, site }) => {
        site.fill({ wait: "50" });
        const { held, letGo } = heldBack();
        site.holdWebchat(held);
        const tab = await visit("consent-webchat.html");
        await untilReady(tab);
        await answerConsent(tab, true);
        if (ANYBODY) expect(await identify(tab, ANYBODY)).toBe("delivered");
        await eventually("the webchat is on its way", () => site.asked().includes("webchat.js"));
        await tab.evaluate(() => document.body.setAttribute("data-marked", ""));
        await answerConsent(tab, false);
        letGo();
        await isLoadedAnew(tab);
      },
    );
  }
}

/** A page without the mark of the one before, without a webchat, and with nothing stored. */
async function isLoadedAnew(tab: Tab): Promise<void> {
  await tab.waitFor(
    "the page is loaded anew",
    () => !!document.body && document.body.dataset.marked === undefined,
  );
  await untilReady(tab);
  await settled();
  expect(await tab.evaluate(() => document.documentElement.dataset.webchat ?? "none")).toBe("none");
  expect(await stored(tab)).toEqual({});
}

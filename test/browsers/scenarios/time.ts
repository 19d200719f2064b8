import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { identified } from "../../widget/stand-in-exchange.ts";
import { identify, untilBadgeSays, untilCurrent } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { MINUTE, steer, untilPlanned, visitSteered } from "../steering.ts";

const AN_HOUR = 3600;

export function time({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "a laptop that slept past the token's expiry gets a new proof and a new token",
    async (stage) => {
      const { exchange, site } = stage;
      let proofs = 0;
      site.giveProof(() => `proof-${++proofs}`);
      exchange.behave(({ user }, count) =>
        identified(user.id, { token: `token-${count}`, expiresIn: count * AN_HOUR }),
      );
      const tab = await stage.visit("fresh-proofs.html");
      await untilCurrent(tab, "user-jane-01");
      expect(exchange.received.map(({ proof }) => proof)).toEqual(["proof-1"]);

      // Right away, while the first answer is still there for other tabs that open.
      await tab.evaluate((slept) => {
        const { now } = Date;
        Date.now = () => now() + slept * 1000;
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      }, AN_HOUR);
      await tab.waitFor("the new token", () => window.VambeIdentify?.current?.token === "token-2");
      await eventually("both proofs have arrived", () => exchange.received.length === 2);
      expect(exchange.received.map(({ proof }) => proof)).toEqual(["proof-1", "proof-2"]);
    },
  );

  scenarioWithStandIn(
    "a page that stays open through an outage, and its badge, learn that the queued contact has arrived",
    async (stage) => {
      const { exchange } = stage;
      const LOOKS = 8;
      exchange.behave(({ user }, count) =>
        identified(user.id, { status: count > LOOKS ? "delivered" : "queued", expiresIn: AN_HOUR }),
      );
      const tab = await visitSteered(stage);
      expect(await identify(tab, { id: "user-ana-01", name: "Ana Rivera" })).toBe("queued");
      await untilBadgeSays(tab, "Saved, will be synced");
      for (let look = 1; look <= LOOKS; look++) {
        await untilPlanned(tab);
        await steer(tab, "pass", 6 * MINUTE);
        await steer(tab, "ring");
        await eventually(`look ${look}`, () => exchange.received.length === look + 1);
      }
      await tab.waitFor("it has arrived", () => window.VambeIdentify?.current?.status === "delivered");
      await untilBadgeSays(tab, "Identity verified");
      expect(await steer(tab, "heard")).toEqual(["identified user-ana-01", "identified user-ana-01"]);
    },
  );
}

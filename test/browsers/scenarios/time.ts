import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { identified } from "../../widget/stand-in-exchange.ts";
import { untilCurrent } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";

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
}

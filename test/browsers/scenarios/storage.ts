import { expect } from "vitest";
import { current, identify, logOut, untilBadgeIsEmpty, untilBadgeSays, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };

export function storage({ scenarioWithStandIn }: Scenarios): void {
  // The page has no origin of its own, and no real exchange lets such a one in.
  scenarioWithStandIn("with storage blocked, identify and log-out work as ever", async (stage) => {
    const tab = await stage.visit("storage-blocked.html");
    const refusal = await tab.evaluate(() => {
      try {
        return String(localStorage.length);
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(refusal).toBe("SecurityError");
    await untilReady(tab);
    expect(await identify(tab, ANA)).toBe("delivered");
    await untilBadgeSays(tab, "Ana Rivera");
    await logOut(tab);
    await untilBadgeIsEmpty(tab);
    expect(await current(tab)).toBeNull();
    expect(await identify(tab, ANA)).toBe("delivered");
    expect(stage.exchange.received).toHaveLength(2);
  });
}

import { expect } from "vitest";
import { identified } from "../../widget/stand-in-exchange.ts";
import { identify, identifyAndForget, untilBadgeSays, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { askWitness } from "../witness.ts";

const JANE = { id: "user-jane-01", name: "Jane Doe", plan: "premium" };
const VERIFIED = "Identity verified";

export function badge({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "the badge's code is asked for when the identify has left, and not before",
    async (stage) => {
      const tab = await stage.visit("plain.html");
      await untilReady(tab);
      expect(stage.exchange.requests).toEqual(["GET /vambe-identity.js"]);
      expect(await identify(tab, JANE)).toBe("delivered");
      await untilBadgeSays(tab, "Jane Doe");
      const begun = await tab.evaluate(() =>
        Object.fromEntries(
          performance
            .getEntriesByType("resource")
            .map(({ name, startTime }) => [new URL(name).pathname, startTime]),
        ),
      );
      expect(begun["/vambe-identity-badge.js"]).toBeGreaterThanOrEqual(begun["/identify"] ?? Number.NaN);
    },
  );

  scenarioWithStandIn(
    "without data-badge there is no badge, and its code is never asked for",
    async (stage) => {
      const tab = await stage.visit("without-badge.html");
      await untilReady(tab);
      expect(await identify(tab, JANE)).toBe("delivered");
      expect(await identify(tab, { ...JANE, plan: "free" })).toBe("delivered");
      expect(stage.exchange.requests.join()).not.toContain("badge");
      expect(await tab.evaluate(() => document.querySelector("vambe-identity"))).toBeNull();
    },
  );

  scenarioWithStandIn("a badge whose code is broken does not disturb the identify", async (stage) => {
    stage.exchange.files["/vambe-identity-badge.js"] = "<h1>Not found</h1>";
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    expect(await identify(tab, JANE)).toBe("delivered");
    await tab.waitFor("the badge was asked for", () =>
      performance.getEntriesByType("resource").some(({ name }) => name.endsWith("-badge.js")),
    );
  });

  scenarioWithStandIn("an element that is not there is named on the console, once", async (stage) => {
    const tab = await stage.visit("badge-nowhere.html");
    await untilReady(tab);
    expect(await identify(tab, JANE)).toBe("delivered");
    await tab.waitFor("a warning", () => Reflect.get(window, Symbol.for("witness")).warnings().length > 0);
    expect(await identify(tab, { ...JANE, plan: "free" })).toBe("delivered");
    expect(await askWitness(tab, "warnings")).toEqual([expect.stringContaining("#nowhere")]);
  });

  scenarioWithStandIn("on the next page the same person is known at once", async (stage) => {
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    expect(await identify(tab, JANE)).toBe("delivered");
    stage.exchange.behave(() => new Promise(() => {}));
    await tab.goTo(stage.address("plain.html"));
    await untilReady(tab);
    await identifyAndForget(tab, { ...JANE, plan: "free" });
    await untilBadgeSays(tab, "Signed in");
  });

  scenarioWithStandIn(
    "a queued contact turns to verified on the badge once it has arrived",
    async (stage) => {
      stage.exchange.behave(({ user }, count) =>
        identified(user.id, { status: count === 1 ? "queued" : "unchanged" }),
      );
      const tab = await stage.visit("plain.html");
      await untilReady(tab);
      expect(await identify(tab, JANE)).toBe("queued");
      await untilBadgeSays(tab, "Saved");
      await untilBadgeSays(tab, VERIFIED);
      expect(stage.exchange.received).toHaveLength(2);
    },
  );
}

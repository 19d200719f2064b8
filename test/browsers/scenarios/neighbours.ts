import { expect } from "vitest";
import { identified } from "../../widget/stand-in-exchange.ts";
import { identify, logOut, untilBadgeSays, untilCurrent, untilNobody, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { settled } from "../settled.ts";
import { askWitness } from "../witness.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const JANE = { id: "user-jane-01", name: "Jane Doe", email: "jane@example.com" };

/** Elements that a page may have called like us, for a reason of its own. */
const NAMED = {
  "a form with our id": "<form id=VambeIdentify><input name=q><input name=reset></form>",
  "a form with our name": "<form name=VambeIdentify><input name=q><input name=length></form>",
  "two forms with our name": "<form name=VambeIdentify></form><form name=VambeIdentify></form>",
  "a frame with our name": "<iframe name=VambeIdentify></iframe>",
  "a frame of another origin with our name": "<iframe name=VambeIdentify src={{server}}/livez></iframe>",
  "a script with our id": "<script id=VambeIdentify type=text/x></script>",
  "an object with our name": "<object name=VambeIdentify></object>",
};

/** What else a page has, and what it says by mistake. */
export function neighbours({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "Angular finds the page finished: no timer is left pending",
    async ({ visit, exchange }) => {
      exchange.behave(({ user }) => identified(user.id, { expiresIn: 3600 }));
      const tab = await visit("zone.html");
      await untilReady(tab);
      const status = await tab.evaluate(
        async (user) => (await window.VambeIdentify?.(user, { getProof: () => "proof" }))?.status,
        ANA,
      );
      expect(status).toBe("delivered");
      await untilBadgeSays(tab, ANA.name);
      await tab.waitFor("the part that renews is there", () =>
        performance.getEntriesByType("resource").some(({ name }) => name.includes("-tend.js")),
      );
      await tab.waitFor("no timer is pending", () => Reflect.get(window, Symbol.for("pending")).size === 0);
      // And none comes later.
      await settled();
      expect(await tab.evaluate(() => [...Reflect.get(window, Symbol.for("pending")).values()])).toEqual([]);
    },
  );

  for (const [what, element] of Object.entries(NAMED)) {
    scenarioWithStandIn(`${what} is in nobody's way once the script is there`, async (stage) => {
      stage.site.fill({ element: element.replace("{{server}}", stage.exchange.url) });
      const tab = await stage.visit("named.html");
      // The page has called it before the script was there.
      await untilCurrent(tab, "user-early-01");
      expect(await identify(tab, ANA)).toBe("delivered");
      await untilCurrent(tab, ANA.id);
      await untilBadgeSays(tab, ANA.name);
      await logOut(tab);
      await untilNobody(tab);
    });
  }

  scenarioWithStandIn("a data-badge that is no selector is said in the console, once", async ({ visit }) => {
    const tab = await visit("badge-invalid.html");
    await untilReady(tab);
    expect(await identify(tab, ANA)).toBe("delivered");
    await tab.waitFor("a warning", () => Reflect.get(window, Symbol.for("witness")).warnings().length > 0);
    expect(await identify(tab, JANE)).toBe("delivered");
    await tab.evaluate(() => document.body.append(document.createElement("p")));
    await settled();
    expect(await askWitness(tab, "warnings")).toEqual([
      expect.stringContaining('data-badge="#[here" is not a selector'),
    ]);
  });

  scenarioWithStandIn("a name that is empty does not hide the email", async ({ visit }) => {
    const tab = await visit("plain.html");
    await untilReady(tab);
    expect(await identify(tab, { ...JANE, name: "" })).toBe("delivered");
    await untilBadgeSays(tab, JANE.email);
  });
}

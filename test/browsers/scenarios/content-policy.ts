import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { current, untilBadgeSays } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { askWitness } from "../witness.ts";

const JANE = { id: "user-jane-01", name: "Jane Doe", email: "jane@example.com", plan: "premium" };

/** After each scenario the page must be without a violation report: here is where there could be some. */
export function contentPolicy({ scenario }: Scenarios): void {
  for (const page of ["strict-policy.html", "strict-policy-without-styles.html"]) {
    scenario(`${page}: signed in by its tag, with a badge that has its looks`, async (stage) => {
      const { exchange, site } = stage;
      site.fill({ integrity: await exchange.integrity(), visitor: JSON.stringify(exchange.proven(JANE)) });
      const tab = await stage.visit(page);
      await untilBadgeSays(tab, "Jane Doe");
      await untilBadgeSays(tab, "Identity verified");
      expect(await current(tab)).toBe(JANE.id);
      const position = await tab.evaluate(() => {
        const box = document.querySelector("vambe-identity")?.shadowRoot?.firstElementChild;
        return box ? getComputedStyle(box).position : "";
      });
      expect(position).toBe("fixed");
    });
  }

  scenario("a page whose policy is broken does hear of it: the witness is awake", async (stage) => {
    const { exchange, site } = stage;
    site.fill({ integrity: await exchange.integrity(), visitor: JSON.stringify(exchange.proven(JANE)) });
    const tab = await stage.visit("strict-policy.html");
    await tab.evaluate(() => {
      const style = document.createElement("style");
      style.textContent = "p { color: red }";
      document.head.append(style);
    });
    const reported = await eventually("a report", async () => (await askWitness(tab, "takeViolations"))[0]);
    expect(reported).toContain("style-src");
  });
}

import { expect } from "vitest";
import type { DemoScenario } from "./demo-scenario.ts";

/** Vambe works, and has something else than the site. */
export function vambeDiffers(scenario: DemoScenario): void {
  scenario(
    "a plan that Vambe has no option for is ignored, and the agent sees the one before",
    async (stage) => {
      const { tab, demo, visitor } = stage;
      const agentSees = (plan: string) =>
        tab.waitFor(
          `the agent sees the plan ${plan}`,
          (wanted) =>
            document.querySelector("[data-testid=agent-session] .trust small")?.textContent === wanted,
          `plan ${plan}`,
        );
      await visitor.logIn("user-ana-01");
      await visitor.sees("Logged in as Ana", "delivered");
      await visitor.hasChat("token");
      await visitor.changePlan("trial");
      await visitor.sees("Changed the plan to trial", "delivered");
      expect(await visitor.current()).toMatchObject({
        ignored: [{ trait: "plan", reason: "rejected-by-vambe" }],
      });
      await tab.waitFor("the story says that the plan was ignored, and why", () =>
        [...document.querySelectorAll("[data-testid=act]")]
          .find(({ textContent }) => textContent?.includes("Changed the plan to trial"))
          ?.querySelector("[data-testid=ignored]")
          ?.textContent?.includes("plan (rejected-by-vambe)"),
      );
      await agentSees("free");
      expect(demo.vambe.contacts()).toMatchObject([{ fields: { plan: "free" } }]);

      await visitor.changePlan("pro");
      await visitor.sees("Changed the plan to pro", "delivered");
      expect(await visitor.current()).toMatchObject({ ignored: [] });
      await agentSees("pro");
    },
  );

  scenario("a contact that is deleted at Vambe stays away until everybody is sent again", async (stage) => {
    const { tab, demo, visitor } = stage;
    await visitor.logIn("user-carla-03");
    await visitor.sees("Logged in as Carla", "delivered");
    await visitor.click("[data-testid=delete-customer]");
    await visitor.sees("Identified after the deletion", "unchanged");
    expect(demo.vambe.contacts()).toEqual([]);
    await tab.reload();
    await visitor.sees("Reloaded the page as Carla Núñez", "unchanged");
    expect(demo.vambe.contacts()).toEqual([]);

    await visitor.click("[data-testid=resend]");
    await visitor.sees("Identified again", "delivered");
    expect(demo.vambe.contacts()).toMatchObject([
      {
        external_user_id: "user-carla-03",
        contact: { name: "Carla Núñez", email: "carla@example.com" },
        fields: { plan: "enterprise", company_name: "Farmacias Aurora" },
      },
    ]);
    await tab.waitFor("the page shows the contact, and what brought it back", () => {
      const acts = document.querySelector("[data-testid=story]")?.textContent;
      const contact = document.querySelector("[data-testid=contact]")?.textContent;
      return acts?.includes("outbox resend --all") && contact?.includes("user-carla-03");
    });
  });
}

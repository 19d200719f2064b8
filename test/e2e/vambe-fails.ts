import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { DemoScenario } from "./demo-scenario.ts";

export function vambeFails(scenario: DemoScenario): void {
  for (const fault of ["down", "quota", "key", "slow"] as const) {
    scenario(
      `while Vambe is "${fault}", the user is saved and arrives by itself afterwards`,
      async (stage) => {
        const { demo, visitor } = stage;
        await visitor.setFault(fault);
        await eventually("Vambe fails", () => demo.vambe.fault() === fault);
        await visitor.logIn("user-ana-01");
        await visitor.sees("Logged in as Ana", "queued");
        await visitor.readsOnBadge("saved");
        if (fault !== "slow") expect(demo.vambe.contacts()).toEqual([]);

        await visitor.setFault("normal");
        await eventually("Vambe has the user", () => demo.vambe.contacts().length === 1);
        expect(demo.vambe.contacts()).toMatchObject([
          { external_user_id: "user-ana-01", fields: { plan: "free" } },
        ]);
      },
    );
  }

  scenario(
    "a plan field that is missing at Vambe holds up nothing but the plan",
    async ({ demo, visitor }) => {
      await visitor.setFault("field");
      await eventually("the field is missing", () => demo.vambe.fault() === "field");
      await visitor.logIn("user-ana-01");
      await visitor.sees("Logged in as Ana", "delivered");
      expect(await visitor.current()).toMatchObject({
        applied: ["name", "email", "company.name"],
        ignored: [{ trait: "plan", reason: "missing-at-vambe" }],
      });
      const [{ contact, fields } = { contact: { name: "" }, fields: {} }] = demo.vambe.contacts();
      expect([contact.name, fields]).toEqual([
        "Ana Rivera",
        { user_id: "user-ana-01", company_name: "Panadería Sol" },
      ]);

      await visitor.setFault("normal");
      await eventually("the plan follows", () => demo.vambe.contacts()[0]?.fields.plan === "free");
    },
  );

  scenario("what was queued survives the exchange being killed", async ({ demo, visitor }) => {
    demo.vambe.setFault("down");
    await visitor.logIn("user-carla-03");
    await visitor.sees("Logged in as Carla", "queued");
    await demo.killExchange();
    demo.vambe.setFault("normal");
    await demo.restartExchange();
    await eventually("Vambe has the user", () => demo.vambe.contacts().length === 1);
    expect(demo.vambe.contacts()).toMatchObject([
      { external_user_id: "user-carla-03", contact: { email: "carla@example.com" } },
    ]);
  });

  scenario(
    "an exchange that is down breaks nothing: the visitor stays known, and the change is made by itself once it is back",
    async (stage) => {
      const { tab, demo, visitor } = stage;
      await visitor.logIn("user-ana-01");
      await visitor.readsOnBadge("Ana Rivera", "verified");
      await tab.evaluate(() => {
        for (const type of ["error", "unhandledrejection"]) {
          addEventListener(type, () => {
            document.body.dataset.broken = type;
          });
        }
      });
      const failed = tab.evaluate(
        () =>
          new Promise((resolve) => addEventListener("vambe:error", () => resolve("heard"), { once: true })),
      );
      await demo.killExchange();
      await visitor.changePlan("pro");
      expect(await failed).toBe("heard");
      await visitor.readsOnBadge("Ana Rivera", "verified");
      await demo.restartExchange();
      await visitor.readsOnBadge("verified", "pro");
      // What tries again is fetched from the exchange too, which could not be had.
      await eventually("Vambe has the plan", () => demo.vambe.contacts()[0]?.fields.plan === "pro", {
        withinMs: 50_000,
      });
      expect(await tab.evaluate(() => document.body.dataset.broken ?? "no")).toBe("no");
    },
  );
}

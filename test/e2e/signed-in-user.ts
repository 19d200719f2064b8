import { expect } from "vitest";
import { badgeText, untilBadgeIsEmpty } from "../browsers/in-the-page.ts";
import { eventually } from "../support/eventually.ts";
import type { DemoScenario } from "./demo-scenario.ts";

export function signedInUser(scenario: DemoScenario): void {
  scenario("a login becomes a contact at Vambe, and the badge says whose", async ({ tab, demo, visitor }) => {
    expect(await badgeText(tab)).toBe("");
    await visitor.logIn("user-bruno-02");
    await visitor.readsOnBadge("Bruno Costa", "verified", "pro");
    expect(demo.vambe.contacts()).toMatchObject([
      {
        external_user_id: "user-bruno-02",
        channel_id: demo.secrets.channelId,
        contact: { name: "Bruno Costa", email: "bruno@example.com" },
        fields: { plan: "pro" },
        meta_data: { source: "vambe-identity", verified: true },
      },
    ]);
    await tab.waitFor(
      "the page shows the contact",
      () => !!document.querySelector("[data-testid=contact]")?.textContent?.includes("user-bruno-02"),
    );
  });

  scenario(
    "a reload costs Vambe nothing, and a changed plan costs one call",
    async ({ tab, demo, visitor }) => {
      await visitor.logIn("user-ana-01");
      await visitor.readsOnBadge("Ana Rivera", "verified");
      expect(demo.vambe.upserts()).toHaveLength(1);

      await tab.reload();
      await visitor.sees("Reloaded the page", "unchanged");
      await visitor.readsOnBadge("Ana Rivera");
      expect(demo.vambe.upserts()).toHaveLength(1);

      await visitor.changePlan("enterprise");
      await visitor.sees("Changed the plan", "delivered");
      await visitor.readsOnBadge("verified", "enterprise");
      expect(demo.vambe.upserts()).toHaveLength(2);
      expect(demo.vambe.contacts()).toMatchObject([{ fields: { plan: "enterprise" } }]);
    },
  );

  scenario(
    "a plan that is cancelled empties the field, and the company stays",
    async ({ tab, demo, visitor }) => {
      await visitor.logIn("user-bruno-02");
      await visitor.readsOnBadge("Bruno Costa", "verified", "pro");
      await visitor.changePlan("none");
      await visitor.sees("Cancelled the plan", "delivered");
      expect(await badgeText(tab)).not.toMatch(/pro\b/);
      expect(demo.vambe.contacts()).toMatchObject([{ fields: { plan: "", company_name: "Oficina Verde" } }]);
      await tab.waitFor(
        "the page shows that the field is empty",
        () => document.querySelector("[data-testid=contact-plan]")?.textContent === "empty",
      );
    },
  );

  scenario("a switch of users while the first is under way ends with the second", async (stage) => {
    const { tab, demo, visitor } = stage;
    demo.vambe.setFault("slow");
    await visitor.logIn("user-ana-01");
    await eventually("Ana is on her way to Vambe", () => demo.vambe.upserts().length === 1);
    demo.vambe.setFault("normal");
    await visitor.switchTo("user-bruno-02");
    // On a slow machine she has been told before that she is saved.
    await visitor.sees("Logged in as Ana", "retired", "queued");
    await visitor.readsOnBadge("Bruno Costa");
    // Ana's answer is out when the exchange has done with both.
    await eventually("Vambe has both", () => demo.vambe.contacts().length === 2);
    expect(await badgeText(tab)).toContain("Bruno Costa");
    expect(await visitor.current()).toMatchObject({ id: "user-bruno-02", verified: true });
    expect(await visitor.remembered()).toContain("user-bruno-02");
  });

  scenario("after a log-out nothing is left of who was there", async ({ tab, visitor }) => {
    await visitor.logIn("user-carla-03");
    await visitor.readsOnBadge("Carla Núñez");
    await visitor.hasChat("token");
    await visitor.logOut();
    await visitor.sees("The widget reloaded the page after the log-out", "reset");
    await untilBadgeIsEmpty(tab);
    expect(await visitor.current()).toBeNull();
    expect((await visitor.remembered())[0]).toBeNull();
    await tab.reload();
    await visitor.sees("Reloaded the page, logged out", "reset");
    expect(await badgeText(tab)).toBe("");
  });

  scenario("the API key, the shared secret and others' emails never reach the browser", async (stage) => {
    const { demo, visitor, received } = stage;
    await visitor.logIn("user-ana-01");
    await visitor.readsOnBadge("Ana Rivera");
    for (const fault of ["down", "key", "quota", "field"] as const) {
      const plan = fault === "down" || fault === "quota" ? "pro" : "enterprise";
      demo.vambe.setFault(fault);
      await visitor.changePlan(plan);
      await visitor.sees(`Changed the plan to ${plan}`, "queued", "delivered");
    }
    await visitor.click("[data-testid=cheat-user]");
    await visitor.sees("", "refused");
    const everything = received().map(({ url, headers, body }) => `${url}\n${headers}\n${body}`);
    expect(everything.length).toBeGreaterThan(15);
    expect(everything.join("\n")).not.toContain(demo.secrets.apiKey);
    expect(everything.join("\n")).not.toContain(demo.secrets.identitySecret);
    expect(everything.join("\n")).not.toContain(demo.secrets.webchatSecret);
    const fromTheExchange = everything.filter((text) => text.startsWith(demo.exchangeUrl)).join("\n");
    expect(fromTheExchange).toContain("request_id");
    expect(fromTheExchange).not.toContain("@example.com");
    expect(demo.logs.join("")).not.toContain("@example.com");
    expect(demo.logs.join("")).not.toContain(demo.secrets.apiKey);
  });
}

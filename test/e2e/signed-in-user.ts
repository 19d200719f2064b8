import { expect } from "vitest";
import { badgeText, untilBadgeIsEmpty } from "../browsers/in-the-page.ts";
import { eventually } from "../support/eventually.ts";
import type { DemoScenario } from "./demo-scenario.ts";

export function signedInUser(scenario: DemoScenario): void {
  scenario("a login becomes a contact at Vambe, and the badge says whose", async ({ tab, demo, visitor }) => {
    expect(await badgeText(tab)).toBe("");
    await visitor.logIn("user-carla-03");
    await visitor.readsOnBadge("Carla Núñez", "verified", "enterprise");
    expect(demo.vambe.contacts()).toMatchObject([
      {
        external_user_id: "user-carla-03",
        channel_id: demo.secrets.channelId,
        contact: { name: "Carla Núñez", email: "carla@example.com" },
        fields: { plan: "enterprise" },
        meta_data: { source: "vambe-identity", verified: true },
      },
    ]);
    await tab.waitFor(
      "the page shows the contact",
      () => !!document.querySelector("[data-testid=contact]")?.textContent?.includes("user-carla-03"),
    );
  });

  scenario("a phone makes the contact on WhatsApp appear beside it, as one customer", async (stage) => {
    const { tab, demo, visitor } = stage;
    await visitor.logIn("user-bruno-02");
    await visitor.readsOnBadge("Bruno Costa", "verified", "pro");
    const shown = await tab.waitFor("the page shows a customer on two channels", () => {
      const parts = (selector: string, within: ParentNode = document) => [
        ...within.querySelectorAll<HTMLElement>(selector),
      ];
      const customers = parts("[data-testid=customer]").map((card) => ({
        says: card.textContent,
        channels: parts("[data-testid=contact]", card).map(({ dataset, textContent }) => [
          dataset.platform,
          textContent,
        ]),
      }));
      return customers[0]?.channels.length === 2 && customers;
    });
    expect(shown).toEqual([
      {
        says: expect.stringContaining("Bruno Costa"),
        channels: [
          ["webchat", expect.stringContaining("user-bruno-02")],
          ["whatsapp", expect.stringMatching(/WhatsApp.*\+5541900001234/)],
        ],
      },
    ]);
    const customers = demo.vambe.contacts().map(({ contact }) => contact.ai_customer_id);
    expect([customers.length, new Set(customers).size]).toEqual([2, 1]);

    await visitor.changePlan("none");
    await visitor.sees("Cancelled the plan", "delivered");
    await tab.waitFor("the story has the change on both channels", () => {
      const acts = [...document.querySelectorAll("[data-testid=act]")];
      const calls = acts
        .find(({ textContent }) => textContent?.includes("Cancelled the plan"))
        ?.querySelectorAll<HTMLElement>("[data-testid=upsert]");
      const told = [...(calls ?? [])].map(({ dataset }) => `${dataset.channel} ${dataset.status}`);
      return told.sort().join() === "webchat 201,whatsapp 201";
    });
    expect(demo.vambe.upserts()).toHaveLength(4);
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
      await visitor.logIn("user-carla-03");
      await visitor.readsOnBadge("Carla Núñez", "verified", "enterprise");
      await visitor.changePlan("none");
      await visitor.sees("Cancelled the plan", "delivered");
      expect(await badgeText(tab)).not.toMatch(/enterprise\b/i);
      expect(demo.vambe.contacts()).toMatchObject([
        { fields: { plan: "", company_name: "Farmacias Aurora" } },
      ]);
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
    await visitor.switchTo("user-carla-03");
    // On a slow machine she has been told before that she is saved.
    await visitor.sees("Logged in as Ana", "retired", "queued");
    await visitor.readsOnBadge("Carla Núñez");
    // Ana's answer is out when the exchange has done with both.
    await eventually("Vambe has both", () => demo.vambe.contacts().length === 2);
    expect(await badgeText(tab)).toContain("Carla Núñez");
    expect(await visitor.current()).toMatchObject({ id: "user-carla-03", verified: true });
    expect(await visitor.remembered()).toContain("user-carla-03");
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

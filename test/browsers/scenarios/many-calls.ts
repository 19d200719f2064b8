import { expect } from "vitest";
import { identified } from "../../widget/stand-in-exchange.ts";
import { current, untilBadgeSays, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

export function manyCalls({ scenario, scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "Ana, Bruno and Ana again within 50 ms end with Ana; the two before are told",
    async (stage) => {
      const users = [
        { ...ANA, plan: "first" },
        { ...BRUNO, plan: "second" },
        { ...ANA, plan: "third" },
      ];
      let answerTheOthers = () => {};
      const held = new Promise<void>((resolve) => {
        answerTheOthers = resolve;
      });
      stage.exchange.behave(async ({ user }) => {
        if (user.plan !== "third") await held;
        return identified(user.id);
      });
      const tab = await stage.visit("plain.html");
      await untilReady(tab);
      const outcomes = await tab.evaluate(async (everyone) => {
        const calls = [];
        for (const user of everyone) {
          const call = window.VambeIdentify?.(user);
          calls.push(
            call?.then(
              ({ id }) => id,
              ({ code }: { code: string }) => code,
            ),
          );
          await new Promise((resume) => setTimeout(resume, 20));
        }
        return Promise.all(calls);
      }, users);
      expect(outcomes).toEqual(["superseded", "superseded", ANA.id]);
      answerTheOthers();
      // Their answers can come no later than that of a request that is made after them.
      await tab.evaluate((server) => fetch(`${server}/vambe-identity.js`).then(() => {}), stage.exchange.url);
      await untilBadgeSays(tab, "third");
      expect(await current(tab)).toBe(ANA.id);
    },
  );

  scenario("a thousand calls with the same user are one request", async (stage) => {
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    const tokens = await tab.evaluate(async (user) => {
      const calls = Array.from({ length: 1000 }, () => window.VambeIdentify?.({ ...user }));
      return [...new Set((await Promise.all(calls)).map((identity) => identity?.token))].length;
    }, stage.exchange.proven(ANA));
    expect(tokens).toBe(1);
    expect(stage.exchange.identifies()).toBe(1);
    expect(stage.exchange.vambe.standIn.upserts()).toHaveLength(1);
  });
}

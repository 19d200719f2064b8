import { expect } from "vitest";
import { version } from "#built-in";
import { current, identify, untilBadgeSays, untilCurrent, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { askWitness } from "../witness.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

export function loading({ scenario }: Scenarios): void {
  scenario("a page that loads the script three times, once under another name, has one", async (stage) => {
    const { exchange } = stage;
    stage.site.fill({ version, visitor: JSON.stringify(exchange.proven(ANA)) });
    const tab = await stage.visit("loaded-twice.html");
    await untilBadgeSays(tab, "Ana Rivera");
    const found = await tab.evaluate(() => ({
      badges: document.querySelectorAll("vambe-identity").length,
      timesReady: document.title.split("!").length - 1,
    }));
    expect(found).toEqual({ badges: 1, timesReady: 1 });
    expect(exchange.identifies()).toBe(1);
  });

  scenario("calls from before the script was there are made in their order", async (stage) => {
    const { exchange } = stage;
    const [first, second] = [ANA, BRUNO].map((user) => JSON.stringify(exchange.proven(user)));
    stage.site.fill({ first: first ?? "", second: second ?? "" });
    const tab = await stage.visit("called-before-load.html");
    await untilCurrent(tab, BRUNO.id);
    const heard = await tab.evaluate(() =>
      [...document.querySelectorAll("li")].map((item) => item.textContent),
    );
    expect(heard).toEqual(["ready", "reset", `identified ${BRUNO.id}`]);
    expect(exchange.vambe.standIn.contacts().at(-1)?.external_user_id).toBe(BRUNO.id);
  });

  scenario("the script changes nothing that the page's other scripts share", async (stage) => {
    const tab = await stage.visit("plain.html");
    await untilReady(tab);
    expect(await identify(tab, stage.exchange.proven(ANA))).toBe("delivered");
    await untilBadgeSays(tab, "Identity verified");
    expect(await askWitness(tab, "changedProperties")).toEqual([]);
    expect(await current(tab)).toBe(ANA.id);
  });
}

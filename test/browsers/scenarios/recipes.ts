import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import { current, identifyAndForget, untilBadgeSays, untilCurrent, untilNobody } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { settled } from "../settled.ts";

const ANA = { id: "user-abc-123", name: "Ana Rivera" };
const PAGE = readFileSync(new URL("../../../docs/pages.md", import.meta.url), "utf8");

/** The recipes of docs/pages.md, as they stand there: what a page has to have in it. */
const recipe = (heading: string, which = 0): string => {
  const text = PAGE.slice(PAGE.indexOf(heading));
  const [, snippet] = [...text.matchAll(/```html\n(.*?)```/gs)][which] ?? [];
  if (!snippet) throw new Error(`docs/pages.md has no snippet for ${heading}`);
  return snippet;
};

/** Puts the snippet into the page, with the exchange's address. Its scripts run, one after the other. */
const paste = (tab: Tab, snippet: string, server: string) =>
  tab.evaluate(
    async (html) => {
      const { content } = Object.assign(document.createElement("template"), { innerHTML: html });
      for (const old of content.querySelectorAll("script")) {
        const script = document.createElement("script");
        for (const { name, value } of old.attributes) script.setAttribute(name, value);
        script.text = old.text;
        const loaded = script.src && new Promise((resolve) => script.addEventListener("load", resolve));
        document.body.append(script);
        await loaded;
      }
    },
    snippet.replaceAll("https://id.example.com", server),
  );

export function recipes({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn("the recipe for Turbo: a tag in the body says who is there", async (stage) => {
    const tab = await stage.visit("bare.html");
    const tag = recipe("**Turbo.**");
    await paste(tab, tag, stage.exchange.url);
    await untilCurrent(tab, ANA.id);
    await paste(tab, tag.replace(/data-user='.*?'/, `data-user="null"`), stage.exchange.url);
    await untilNobody(tab);
    // As where a page comes out of the cache, with the proof that it had.
    await paste(tab, tag, stage.exchange.url);
    await settled();
    expect(await current(tab)).toBeNull();
  });

  scenarioWithStandIn("the recipe for Google Tag Manager: the settings come from a global", async (stage) => {
    const tab = await stage.visit("bare.html");
    await paste(tab, recipe("**Google Tag Manager**"), stage.exchange.url);
    await identifyAndForget(tab, ANA);
    await untilCurrent(tab, ANA.id);
    await untilBadgeSays(tab, ANA.name);
    // That global is the page's own.
    await tab.evaluate(() => void Reflect.deleteProperty(window, "vambeIdentitySettings"));
  });

  scenarioWithStandIn("the recipe for a consent manager: its event opens and closes", async (stage) => {
    const tab = await stage.visit("bare.html");
    await paste(tab, recipe("## Consent"), stage.exchange.url);
    await paste(tab, recipe("With Cookiebot"), stage.exchange.url);
    await identifyAndForget(tab, ANA);
    await settled();
    expect(await current(tab)).toBeNull();
    const answer = (preferences: boolean) =>
      tab.evaluate((given) => {
        Object.assign(window, { Cookiebot: { consent: { preferences: given } } });
        dispatchEvent(new Event("CookiebotOnConsentReady"));
        Reflect.deleteProperty(window, "Cookiebot");
      }, preferences);
    await answer(true);
    await untilCurrent(tab, ANA.id);
    await answer(false);
    await untilNobody(tab);
  });
}

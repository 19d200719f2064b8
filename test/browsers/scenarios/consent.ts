import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import {
  answerConsent,
  current,
  identify,
  identifyAndForget,
  logOut,
  untilBadgeSays,
  untilCurrent,
  untilNobody,
  untilReady,
} from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { settled } from "../settled.ts";
import type { Misbehaving, Stage } from "../stage.ts";
import { stored, untilGone } from "../what-is-left.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };
const JANE = { id: "user-jane-01", name: "Jane Doe" };

/** Sites on which a visitor must agree before anything is sent or stored. */
export function consent({ scenarioWithStandIn }: Scenarios): void {
  for (const page of ["consent.html", "consent-settings.html"]) {
    scenarioWithStandIn(
      `${page}: before consent nothing is sent or stored; of the calls until then the last is made`,
      async ({ visit, exchange }) => {
        const tab = await visit(page);
        await untilReady(tab);
        await callAndNote(tab, ANA, BRUNO, JANE);
        await settled();
        expect(exchange.requests).toEqual(["GET /vambe-identity.js", "GET /vambe-identity-gate.js"]);
        expect(await stored(tab)).toEqual({});
        expect(await current(tab)).toBeNull();
        expect(await tab.evaluate(() => document.querySelector("vambe-identity"))).toBeNull();
        expect(await outcomesOf(tab)).toEqual({ [ANA.id]: "superseded", [BRUNO.id]: "superseded" });

        await answerConsent(tab, true);
        await untilCurrent(tab, JANE.id);
        await untilBadgeSays(tab, JANE.name);
        expect(await outcomesOf(tab)).toMatchObject({ [JANE.id]: JANE.id });
        expect(exchange.received.map(({ user }) => user.id)).toEqual([JANE.id]);
      },
    );
  }

  scenarioWithStandIn("before consent the other tabs hear nothing, and no log-out", async (stage) => {
    const other = await signedIn(stage, "plain.html");
    const before = await stored(other);
    const tab = await stage.visit("consent.html");
    await untilReady(tab);
    await identifyAndForget(tab, BRUNO);
    await logOut(tab);
    await settled();
    expect(await current(other)).toBe(ANA.id);
    expect(await stored(other)).toEqual(before);

    await answerConsent(tab, true);
    await untilNobody(other);
    expect(stage.exchange.received.map(({ user }) => user.id)).toEqual([ANA.id]);
  });

  scenarioWithStandIn(
    "consent to nothing that was called changes nothing in the other tabs",
    async (stage) => {
      const other = await signedIn(stage, "plain.html");
      await agreed(stage);
      await settled();
      expect(await current(other)).toBe(ANA.id);
      await untilBadgeSays(other, ANA.name);
    },
  );

  scenarioWithStandIn(
    "who takes the consent back is logged out in every tab, and what was stored is erased",
    async (stage) => {
      const other = await signedIn(stage, "plain.html");
      const tab = await agreed(stage);
      expect(await identify(tab, ANA)).toBe("delivered");
      await untilBadgeSays(tab, ANA.name);

      await answerConsent(tab, false);
      for (const each of [tab, other]) {
        await untilNobody(each);
        await untilGone(each, ANA);
      }
      await settled();
      expect(await stored(tab)).toEqual({});
      expect(await other.evaluate(() => localStorage.length)).toBe(0);
    },
  );

  scenarioWithStandIn("after consent was taken back calls wait until it is given again", async (stage) => {
    const { exchange } = stage;
    const tab = await agreed(stage);
    expect(await identify(tab, ANA)).toBe("delivered");
    await untilBadgeSays(tab, ANA.name);
    await answerConsent(tab, false);
    await callAndNote(tab, BRUNO);
    await settled();
    expect(exchange.received.map(({ user }) => user.id)).toEqual([ANA.id]);
    expect(await current(tab)).toBeNull();
    expect(await stored(tab)).toEqual({});
    await untilGone(tab, ANA);

    await answerConsent(tab, true);
    await untilCurrent(tab, BRUNO.id);
    await untilBadgeSays(tab, BRUNO.name);
    expect(exchange.received.map(({ user }) => user.id)).toEqual([ANA.id, BRUNO.id]);
  });

  scenarioWithStandIn(
    "consent taken back while an identify is under way: nobody comes of it",
    async (stage) => {
      let answer = () => {};
      const held = new Promise<void>((resolve) => {
        answer = resolve;
      });
      stage.exchange.behave(async ({ user }) => {
        await held;
        return { body: { user } };
      });
      const tab = await agreed(stage);
      await callAndNote(tab, ANA);
      await untilBadgeSays(tab, ANA.name);
      await answerConsent(tab, false);
      answer();
      await untilGone(tab, ANA);
      expect(await outcomesOf(tab)).toEqual({ [ANA.id]: "superseded" });
      expect(await stored(tab)).toEqual({});
    },
  );

  scenarioWithStandIn("consent that was given before the script has loaded counts", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(ANA), consent: "true" });
    const tab = await stage.visit("consent-before-load.html");
    await untilCurrent(tab, ANA.id);
    await untilBadgeSays(tab, ANA.name);
    expect(stage.exchange.received.map(({ user }) => user.id)).toEqual([ANA.id]);
  });

  scenarioWithStandIn("consent that was refused before the script has loaded counts", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(ANA), consent: "false" });
    const tab = await stage.visit("consent-before-load.html");
    await untilReady(tab);
    await settled();
    expect(stage.exchange.requests).toEqual(["GET /vambe-identity.js", "GET /vambe-identity-gate.js"]);
    expect(await stored(tab)).toEqual({});
    await answerConsent(tab, true);
    await untilCurrent(tab, ANA.id);
  });
}

async function agreed({ visit }: Stage<Misbehaving>): Promise<Tab> {
  const tab = await visit("consent.html");
  await untilReady(tab);
  await answerConsent(tab, true);
  return tab;
}

async function signedIn({ visit }: Stage<Misbehaving>, page: string): Promise<Tab> {
  const tab = await visit(page);
  await untilReady(tab);
  expect(await identify(tab, ANA)).toBe("delivered");
  await untilBadgeSays(tab, ANA.name);
  return tab;
}

/** Calls for each user without waiting; the page notes what comes of it. */
const callAndNote = (tab: Tab, ...users: { id: string; name: string }[]): Promise<void> =>
  tab.evaluate((everyone) => {
    const note = (user: string) => (outcome: string) => {
      const noted = JSON.parse(document.body.dataset.outcomes || "{}");
      document.body.dataset.outcomes = JSON.stringify({ ...noted, [user]: outcome });
    };
    for (const user of everyone)
      void window
        .VambeIdentify?.(user)
        .then(
          ({ id }) => id,
          ({ code }: { code: string }) => code,
        )
        .then(note(user.id));
  }, users);

/** What came of each user's call so far. */
const outcomesOf = (tab: Tab): Promise<Record<string, string>> =>
  tab.evaluate(() => JSON.parse(document.body.dataset.outcomes || "{}"));

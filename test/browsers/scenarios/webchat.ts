import { decodeJwt } from "jose";
import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { type Behaviour, identified } from "../../widget/stand-in-exchange.ts";
import type { Tab } from "../driver/tab.ts";
import { current, identify, identifyAndForget, logOut, untilCurrent, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { askWitness } from "../witness.ts";

const JANE = { id: "user-jane-01", name: "Jane Doe" };
const JOAN = { id: "user-joan-02", name: "Joan Roe" };

type Config = Record<string, string>;

/** What the running webchat has read, once it has loaded. */
const webchatOf = async (tab: Tab): Promise<Config> =>
  JSON.parse(
    await tab.waitFor("the webchat has loaded", () => document.documentElement.dataset.webchat ?? ""),
  );
const hasWebchat = (tab: Tab) => tab.evaluate(() => "webchat" in document.documentElement.dataset);
const configOf = (tab: Tab): Promise<Config> =>
  tab.evaluate(() => ({ ...Reflect.get(window, "embeddedWebchatConfig") }));
/** A page that is left and loaded anew has lost this mark. */
const mark = (tab: Tab) => tab.evaluate(() => document.body.setAttribute("data-marked", "yes"));
const untilReloaded = (tab: Tab) =>
  tab.waitFor("the page is loaded anew", () => !!document.body && !document.body.dataset.marked);

const unverified: Behaviour = ({ user: { id } }) =>
  identified(id, { user: { id: `${id}`, verified: false } });

export function webchat({ scenario, scenarioWithStandIn }: Scenarios): void {
  scenario("a visitor who is known gets the webchat by a token of their own", async ({ visit, exchange }) => {
    const tab = await visit("webchat.html");
    await untilReady(tab);
    await identifyAndForget(tab, exchange.proven(JANE));
    const { externalUserId = "", ...others } = await webchatOf(tab);
    expect(others).toEqual({ clientId: "client-1", channelId: exchange.channelId });
    expect(decodeJwt(externalUserId)).toMatchObject({ sub: JANE.id, name: JANE.name });
  });

  scenario("a visitor whom nobody names gets the webchat after the wait, for nobody", async (stage) => {
    const tab = await stage.visit("webchat-impatient.html");
    await untilReady(tab);
    expect(await webchatOf(tab)).toEqual({ clientId: "client-1", channelId: stage.exchange.channelId });
  });

  scenario("a page that says at once that nobody is there need not wait", async ({ visit }) => {
    const tab = await visit("webchat.html");
    await untilReady(tab);
    await logOut(tab);
    expect(await webchatOf(tab)).toMatchObject({ clientId: "client-1" });
  });

  scenarioWithStandIn(
    "an exchange that answers nothing costs nobody the webchat",
    async ({ visit, exchange }) => {
      exchange.behave(() => ({ status: 500, body: "no" }));
      const tab = await visit("webchat.html");
      await untilReady(tab);
      expect(await identify(tab, { ...JANE, proof: "x" })).toBe("bad-answer");
      expect(await webchatOf(tab)).toEqual({ clientId: "client-1", channelId: "channel-of-the-exchange" });
    },
  );

  scenario(
    "after a log-out the page is loaded anew, once, and the chat is nobody's",
    async ({ visit, exchange }) => {
      const tab = await visit("webchat.html");
      await untilReady(tab);
      await identifyAndForget(tab, exchange.proven(JANE));
      expect(await webchatOf(tab)).toHaveProperty("externalUserId");
      await mark(tab);
      await logOut(tab);
      await untilReloaded(tab);
      await untilReady(tab);
      await logOut(tab);
      expect(await webchatOf(tab)).toEqual({ clientId: "client-1", channelId: exchange.channelId });
      await mark(tab);
      await logOut(tab);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await tab.evaluate(() => document.body.dataset.marked)).toBe("yes");
    },
  );

  scenario("another user gets a page and a chat of their own", async ({ visit, exchange }) => {
    const tab = await visit("webchat.html");
    await untilReady(tab);
    await identifyAndForget(tab, exchange.proven(JANE));
    await webchatOf(tab);
    await mark(tab);
    await identifyAndForget(tab, exchange.proven(JOAN));
    await untilReloaded(tab);
    await untilReady(tab);
    await identifyAndForget(tab, exchange.proven(JOAN));
    const { externalUserId = "" } = await webchatOf(tab);
    expect(decodeJwt(externalUserId).sub).toBe(JOAN.id);
  });

  scenario("a visitor who logs out again and again by hand gets a new page each time", async (stage) => {
    const { visit, exchange } = stage;
    const tab = await visit("webchat.html");
    for (let round = 0; round < 5; round++) {
      await untilReady(tab);
      await identifyAndForget(tab, exchange.proven(round % 2 ? JANE : JOAN));
      expect(await webchatOf(tab)).toHaveProperty("externalUserId");
      await mark(tab);
      await tab.click(() => document.querySelector("p"));
      await logOut(tab);
      await untilReloaded(tab);
    }
  });

  scenario(
    "a page that changes its user on each load is not loaded for ever",
    async ({ visit, exchange, site }) => {
      site.fill({ one: JSON.stringify(exchange.proven(JANE)), other: JSON.stringify(exchange.proven(JOAN)) });
      const tab = await visit("webchat-of-two.html");
      // Nothing is asked of the page meanwhile: for some drivers that is as if a visitor had clicked.
      let before = -1;
      await eventually(
        "it has come to rest",
        async () => {
          const now = exchange.identifies();
          const rests = now > 0 && now === before;
          before = now;
          return rests;
        },
        { withinMs: 40_000, everyMs: 4000 },
      );
      expect(await tab.evaluate(() => Number(sessionStorage.getItem("loads")))).toBe(4);
      await untilCurrent(tab, JOAN.id);
    },
  );

  scenarioWithStandIn(
    "a user who takes over while a token is under way has the chat alone",
    async (stage) => {
      const { visit, exchange } = stage;
      exchange.behave(async ({ user: { id } }) => {
        if (id === JANE.id) await new Promise((resolve) => setTimeout(resolve, 400));
        return identified(id, { webchat_token: `token-for-${id}` });
      });
      const tab = await visit("webchat.html");
      await untilReady(tab);
      await tab.evaluate(
        (one, other) => {
          void window.VambeIdentify?.(one);
          void window.VambeIdentify?.(other);
        },
        JANE,
        JOAN,
      );
      expect(await webchatOf(tab)).toMatchObject({ externalUserId: `token-for-${JOAN.id}` });
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(await configOf(tab)).toMatchObject({ externalUserId: `token-for-${JOAN.id}` });
    },
  );

  scenario("two tabs of one user each get their token: it does not go from tab to tab", async (stage) => {
    const { visit, exchange } = stage;
    const user = exchange.proven(JANE);
    const tabs = await Promise.all([visit("webchat-listening.html"), visit("webchat-listening.html")]);
    for (const tab of tabs) await untilReady(tab);
    await Promise.all(tabs.map((tab) => identifyAndForget(tab, user)));
    for (const tab of tabs) {
      const { externalUserId = "" } = await webchatOf(tab);
      expect(decodeJwt(externalUserId).sub).toBe(JANE.id);
      const token = externalUserId.split(".")[2] ?? "";
      const elsewhere = await tab.evaluate(() =>
        [
          document.body.dataset.heard,
          JSON.stringify(localStorage),
          JSON.stringify(sessionStorage),
          JSON.stringify(window.VambeIdentify?.current),
        ].join(),
      );
      expect(elsewhere).toContain(JANE.id);
      expect(elsewhere).not.toContain(token);
    }
  });

  scenario(
    "a page that loads the webchat by itself finds the token before it hears of anybody",
    async (stage) => {
      const { visit, exchange } = stage;
      const tab = await visit("webchat-handed.html");
      await untilReady(tab);
      await identify(tab, exchange.proven(JANE));
      await logOut(tab);
      const heard: Config[] = JSON.parse(await tab.evaluate(() => document.body.dataset.heard ?? "[]"));
      const [identified, reset] = heard;
      expect(heard.length).toBe(2);
      expect(identified).toMatchObject({ type: "identified", clientId: "own", agentName: "Ana" });
      expect(decodeJwt(identified?.externalUserId ?? "").sub).toBe(JANE.id);
      expect(reset).toEqual({ type: "reset", clientId: "own", agentName: "Ana" });
      expect(await hasWebchat(tab)).toBe(false);
    },
  );

  scenario("without data-webchat the webchat is left alone", async ({ visit, exchange }) => {
    const tab = await visit("without-badge.html");
    await untilReady(tab);
    await identify(tab, exchange.proven(JANE));
    expect(await tab.evaluate(() => "embeddedWebchatConfig" in window)).toBe(false);
  });

  scenario("a configuration that is replaced later loses nobody", async ({ visit, exchange }) => {
    const tab = await visit("webchat-handed.html");
    await untilReady(tab);
    await identify(tab, exchange.proven(JANE));
    await tab.evaluate(() => {
      Object.assign(window, { embeddedWebchatConfig: { clientId: "late" } });
    });
    const { externalUserId = "", ...others } = await configOf(tab);
    expect(others).toEqual({ clientId: "late" });
    expect(decodeJwt(externalUserId).sub).toBe(JANE.id);
  });

  scenarioWithStandIn("an id that is not verified is not handed over", async ({ visit, exchange }) => {
    exchange.behave(unverified);
    const tab = await visit("webchat-handed.html");
    await untilReady(tab);
    expect(await identify(tab, JANE)).toBe("delivered");
    expect(await configOf(tab)).toEqual({ clientId: "own", agentName: "Ana" });
  });

  scenarioWithStandIn(
    "… unless the site says so, under the names that it gives, frozen or not",
    async ({ visit, exchange }) => {
      exchange.behave(unverified);
      const tab = await visit("webchat-unverified.html");
      await untilReady(tab);
      await identify(tab, JANE);
      expect(await configOf(tab)).toEqual({ clientId: "own", agentName: "Ana", userId: JANE.id });
      await logOut(tab);
      expect(await current(tab)).toBe(null);
      expect((await configOf(tab)).userId).toBeUndefined();
    },
  );

  for (const page of ["webchat-handed.html", "webchat-unverified.html"]) {
    scenarioWithStandIn(
      `${page}: who acts for a user does not open that user's conversation`,
      async ({ visit, exchange }) => {
        exchange.behave(({ user: { id } }) => identified(id, { actor: { id: "support-7" } }));
        const tab = await visit(page);
        await untilReady(tab);
        await identify(tab, JANE);
        expect(await tab.evaluate(() => window.VambeIdentify?.current?.actor?.id)).toBe("support-7");
        expect(JSON.stringify(await configOf(tab))).not.toContain(JANE.id);
      },
    );
  }

  for (const page of ["webchat-strict.html", "webchat-strict-inert.html"]) {
    scenario(`${page}: the webchat comes under the strictest policy`, async ({ visit, exchange, site }) => {
      site.fill({ visitor: JSON.stringify(exchange.proven(JANE)) });
      const tab = await visit(page);
      const { externalUserId = "" } = await webchatOf(tab);
      expect(decodeJwt(externalUserId).sub).toBe(JANE.id);
    });
  }

  scenario(
    "an inert tag of another address, as injected markup could bring it, is never run",
    async (stage) => {
      const tab = await stage.visit("webchat.html");
      await untilReady(tab);
      await tab.evaluate(() => {
        const injected = document.createElement("script");
        Object.assign(injected, { type: "text/plain", src: "/webchat.js?injected" });
        injected.dataset.vambeWebchat = "";
        document.body.prepend(injected);
      });
      await logOut(tab);
      await webchatOf(tab);
      const run = await tab.evaluate(() =>
        [...document.scripts].flatMap(({ src, type }) => (src.includes("webchat.js") && !type ? src : [])),
      );
      expect(run).toEqual([expect.stringMatching(/\/webchat\.js$/)]);
    },
  );

  scenario(
    "a page whose Trusted Types allow no policy is told once what to do",
    async ({ visit, exchange, site }) => {
      site.fill({ visitor: JSON.stringify(exchange.proven(JANE)) });
      const tab = await visit("webchat-strict-none.html");
      await untilCurrent(tab, JANE.id);
      if (!(await tab.evaluate(() => "trustedTypes" in window))) return void (await webchatOf(tab));
      const warnings = await eventually("the console has it", async () => {
        const said = await askWitness(tab, "warnings");
        return said.length > 0 && said;
      });
      expect(warnings).toEqual([expect.stringMatching(/Trusted Types allow no policy vambe-identity/)]);
      // The browser itself reports the one try: there is no other way to find out.
      expect(await askWitness(tab, "takeViolations")).toEqual([expect.stringMatching(/^trusted-types/)]);
      expect(await hasWebchat(tab)).toBe(false);
    },
  );
}

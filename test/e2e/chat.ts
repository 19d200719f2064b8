import { decodeJwt } from "jose";
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { DemoScenario, InTheDemo } from "./demo-scenario.ts";
import type { Visitor } from "./visitor.ts";

/** A piece of each one's earlier conversation that stands in no other. */
const ANAS = "Esmeralda 1042";
const BRUNOS = "factura 8812";
const CARLAS = "insulina";

export function chat(scenario: DemoScenario): void {
  scenario("a visitor whom nobody knows gets a chat that is nobody's", async ({ demo, visitor }) => {
    await isNobodys(visitor);
    await eventually("the agent has it on the screen", () => demo.vambe.chatSessions().length === 1);
    expect(demo.vambe.chatSessions()).toMatchObject([{ openedBy: "nobody", user: null, last: null }]);
  });

  scenario("after a login the chat opens by itself, by a token, with what was said before", async (stage) => {
    const { tab, demo, visitor } = stage;
    await visitor.logIn("user-carla-03");
    const { greeting, conversation } = await visitor.hasChat("token");
    expect(greeting).toBe("Hola Carla, ¿en qué te ayudamos?");
    expect(conversation).toContain(CARLAS);
    expect(decodeJwt(String(await visitor.externalUserId()))).toMatchObject({ sub: "user-carla-03" });
    await eventually("the agent has Carla alone on the screen", () => demo.vambe.chatSessions().length === 1);
    expect(demo.vambe.chatSessions()).toMatchObject([
      { openedBy: "token", user: "user-carla-03", name: "Carla Núñez", plan: "enterprise" },
    ]);
    await tab.waitFor("the page shows what the agent sees", () =>
      document
        .querySelector("[data-testid=agent-session][data-user=user-carla-03]")
        ?.textContent?.includes("verified"),
    );
  });

  scenario("after a log-out there is no trace of the conversation", async ({ tab, demo, visitor }) => {
    await visitor.logIn("user-ana-01");
    expect((await visitor.hasChat("token")).conversation).toContain(ANAS);
    await visitor.logOut();
    await visitor.sees("The widget reloaded the page after the log-out", "reset");
    await visitor.sees("Logged out", "reset");
    await isNobodys(visitor);
    expect(
      await tab.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])),
    ).not.toMatch(/eyJ|Esmeralda/);
    await eventually("her session is over", () =>
      demo.vambe.chatSessions().every(({ user }) => user === null),
    );
  });

  scenario("another user has their own conversation alone", async ({ demo, visitor }) => {
    await visitor.logIn("user-ana-01");
    expect((await visitor.hasChat("token")).conversation).toContain(ANAS);
    await visitor.switchTo("user-bruno-02");
    await visitor.sees("The widget reloaded the page for Bruno Costa", "delivered", "unchanged");
    await visitor.sees("Switched to Bruno Costa", "reload");
    const { greeting, conversation } = await visitor.hasChat("token");
    expect(greeting).toBe("Hola Bruno, ¿en qué te ayudamos?");
    expect(conversation).toContain(BRUNOS);
    expect(conversation).not.toContain(ANAS);
    await eventually("Ana's session is over", () => demo.vambe.chatSessions().length === 1);
    expect(demo.vambe.chatSessions()).toMatchObject([{ openedBy: "token", user: "user-bruno-02" }]);
  });

  scenario(
    "what is written stays in the conversation, and the agent has it",
    async ({ tab, demo, visitor }) => {
      await visitor.logIn("user-bruno-02");
      await visitor.hasChat("token");
      await tab.evaluate(() => {
        const root = document.querySelector("vambe-webchat")?.shadowRoot;
        const input = root?.querySelector("input");
        if (input) input.value = "Gracias por la factura";
        root?.querySelector("form")?.requestSubmit();
      });
      await eventually(
        "the agent has it",
        () => demo.vambe.chatSessions()[0]?.last?.text === "Gracias por la factura",
      );
      await tab.reload();
      expect((await visitor.hasChat("token")).conversation).toContain("Gracias por la factura");
    },
  );

  scenario(
    "where the exchange cannot be asked, a visitor gets the chat all the same, as nobody",
    async (stage) => {
      const { tab, visitor, block } = stage;
      await visitor.logIn("user-ana-01");
      await visitor.hasChat("token");
      block("/identify");
      await tab.reload();
      await visitor.sees("Reloaded the page as Ana Rivera", "refused");
      await isNobodys(visitor);
    },
  );

  scenario("another id in the chat's configuration is refused while the chat is secured", async (stage) => {
    const { tab, demo, visitor } = stage;
    await visitor.logIn("user-bruno-02");
    await visitor.hasChat("token");
    await visitor.click("[data-testid=cheat-chat]");
    expect(await cheatResult(stage)).toMatchObject({ result: "refused" });
    expect(await visitor.hasChat("refused")).toEqual({ greeting: null, conversation: "" });
    await eventually("there is no session", () => demo.vambe.chatSessions().length === 0);
    await tab.reload();
    expect((await visitor.hasChat("token")).conversation).toContain(BRUNOS);
  });

  scenario("… and opens the other's conversation while it is not", async (stage) => {
    const { demo, visitor } = stage;
    await visitor.logIn("user-bruno-02");
    await visitor.hasChat("token");
    await visitor.click("[data-testid=chat-secured]");
    expect((await visitor.hasChat("id")).conversation).toContain(BRUNOS);
    expect(await visitor.externalUserId()).toBe("user-bruno-02");
    await visitor.click("[data-testid=cheat-chat]");
    expect(await cheatResult(stage)).toEqual({
      result: "worked",
      text: "It worked: this visitor reads Ana Rivera’s conversation. Turn on “secured by JWT”.",
    });
    expect((await visitor.hasChat("id")).conversation).toContain(ANAS);
    await eventually(
      "the agent takes him for Ana",
      () => demo.vambe.chatSessions()[0]?.user === "user-ana-01",
    );

    await visitor.click("[data-testid=chat-secured]");
    expect((await visitor.hasChat("token")).conversation).toContain(BRUNOS);
    await visitor.click("[data-testid=cheat-chat]");
    expect(await cheatResult(stage)).toMatchObject({ result: "refused" });
  });

  scenario("somebody else's id in the page itself opens nobody's conversation", async ({ visitor }) => {
    await visitor.logIn("user-bruno-02");
    await visitor.hasChat("token");
    await visitor.click("[data-testid=cheat-user]");
    await visitor.sees("Cheat: claimed to be Ana Rivera", "refused");
    await isNobodys(visitor);
  });
}

/** Its own part: the driver's WebKit keeps no answers for the next page, as a private window does not. */
export function chatWithoutExchange(scenario: DemoScenario): void {
  scenario(
    "while the exchange is down, the next page has the chat all the same, as nobody",
    async (stage) => {
      const { tab, demo, visitor } = stage;
      await visitor.logIn("user-ana-01");
      await visitor.hasChat("token");
      await demo.killExchange();
      await tab.goTo(demo.siteUrl);
      await isNobodys(visitor);
    },
  );
}

/** There is a chat that greets nobody, shows nothing and was told nothing. */
async function isNobodys(visitor: Visitor): Promise<void> {
  expect(await visitor.hasChat("nobody")).toEqual({ greeting: "Hola, ¿con quién hablo?", conversation: "" });
  expect(await visitor.externalUserId()).toBeNull();
}

/** What the page says about the cheat. */
const cheatResult = ({ tab }: InTheDemo) =>
  tab.waitFor("the page says what came of it", () => {
    const said = document.querySelector<HTMLElement>("[data-testid=cheat-chat-result]");
    return said?.dataset.result && { result: said.dataset.result, text: said.textContent };
  });

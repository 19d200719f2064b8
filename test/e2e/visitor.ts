import type { Tab } from "../browsers/driver/tab.ts";
import { eventually } from "../support/eventually.ts";

/** How a chat says that its session was opened. */
export type ChatOpening = "token" | "id" | "nobody" | "refused";

export type Visitor = ReturnType<typeof createVisitor>;

/** What a visitor does and sees, in the words of the demo's page. */
export function createVisitor(tab: Tab) {
  /**
   * Clicks once the page has drawn it, and once it stands still: the mouse goes to where it was a moment ago. A radio
   * button's own circle may be hidden: its label is there.
   */
  const click = async (selector: string) => {
    let before = "";
    await eventually(
      `${selector} is there to click, and stands still`,
      async () => {
        const now = await tab.evaluate((wanted) => {
          const found = document.querySelector(wanted);
          // In the middle of the window, nothing that keeps to its edges is in the way.
          found?.scrollIntoView({ block: "center", behavior: "instant" });
          const [place] = (found?.closest("label") ?? found)?.getClientRects() ?? [];
          return place ? `${place.x} ${place.y} ${place.width} ${place.height}` : "";
        }, selector);
        const still = now !== "" && now === before;
        before = now;
        return still;
      },
      { everyMs: 40 },
    );
    await tab.click((wanted) => {
      const found = document.querySelector(wanted);
      return found?.closest("label") ?? found;
    }, selector);
  };
  return {
    /** Waits until the page has told its first act to the end, and shows what Vambe knows: nothing moves any more. */
    arrives: () =>
      tab.waitFor(
        "the demo's page has been drawn",
        () =>
          !!document.querySelector("[data-testid=live][data-live=true]") &&
          !!document.querySelector("[data-testid=act] [data-testid=outcome]"),
      ),
    logIn: (id: string) => click(`[data-list=login] [data-testid=login-${id}]`),
    switchTo: (id: string) => click(`[data-list=switch] [data-testid=login-${id}]`),
    changePlan: (plan: string) => click(`[data-testid=plan-${plan}]`),
    setFault: (fault: string) => click(`[data-testid=fault-${fault}]`),
    logOut: () => click("[data-testid=logout]"),
    click,
    /** Waits until the newest act of that title has come to one of the outcomes, as the page's own story tells it. */
    sees: (title: string, ...outcomes: string[]) =>
      tab.waitFor(
        `"${title}" has come to "${outcomes.join('" or "')}"`,
        (name, wanted) => {
          const acts = [...document.querySelectorAll("[data-testid=act]")];
          const act = acts.find(({ textContent }) => textContent?.includes(name));
          const come = act?.querySelector<HTMLElement>("[data-testid=outcome]")?.dataset.outcome;
          return come !== undefined && wanted.includes(come);
        },
        title,
        outcomes,
      ),
    /** Waits until all of these words stand on the badge. */
    readsOnBadge: (...words: string[]) =>
      tab.waitFor(
        `the badge says ${words.join(" … ")}`,
        (wanted) => {
          const text = document.querySelector("vambe-identity")?.shadowRoot?.textContent?.toLowerCase();
          return wanted.every((word) => text?.includes(word.toLowerCase()));
        },
        words,
      ),
    /** Waits until a chat was opened that way, and returns what is in it. A greeting that cannot be seen is none. */
    hasChat: (openedBy: ChatOpening) =>
      tab.waitFor(
        `there is a chat, opened by ${openedBy}`,
        (wanted) => {
          const root = document.querySelector("vambe-webchat")?.shadowRoot;
          const part = (name: string) => root?.querySelector<HTMLElement>(`[data-testid=chat-${name}]`);
          if (part("session")?.dataset.openedBy !== wanted) throw new Error("not yet");
          const greeting = part("greeting");
          return {
            greeting: greeting?.checkVisibility() ? greeting.textContent : null,
            conversation: part("conversation")?.textContent ?? "",
          };
        },
        openedBy,
      ),
    /** What the page's configuration tells the chat of who is there. */
    externalUserId: () =>
      tab.evaluate(
        (): unknown =>
          Reflect.get(Object(Reflect.get(window, "embeddedWebchatConfig")), "externalUserId") ?? null,
      ),
    current: () => tab.evaluate(() => window.VambeIdentify?.current ?? null),
    /** The last statement that any tab has made. */
    remembered: () =>
      tab.evaluate((): unknown[] => JSON.parse(localStorage.getItem("vambe-identity") ?? "[]")),
  };
}

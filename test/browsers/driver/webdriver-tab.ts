import { randomUUID } from "node:crypto";
import { eventually } from "../../support/eventually.ts";
import type { EngineTab, Key, PageCode } from "./tab.ts";
import type { WebDriverSession } from "./webdriver.ts";

const KEYS: Record<Key, string> = { Tab: "\uE004", Enter: "\uE007" };

/** What a page's code has come to. */
interface Outcome {
  done: boolean;
  value?: unknown;
  error?: string;
}

/**
 * Begins what `code` says, and leaves the outcome where a later command finds it: while the page waits for
 * another tab, the session must be free for that tab.
 */
const begin = (code: PageCode<never, unknown>) => `
  const [ticket, args] = arguments;
  const outcomes = (window[Symbol.for("outcomes")] ??= {});
  const outcome = (outcomes[ticket] = { done: false });
  const succeed = (value) => Object.assign(outcome, { done: true, value });
  const fail = (error) => Object.assign(outcome, { done: true, error: String(error) });
  try {
    const result = (${code})(...args);
    if (typeof result?.then === "function") result.then(succeed, fail);
    else succeed(result);
  } catch (error) {
    fail(error);
  }
  return outcome;`;

const LOOK = `return window[Symbol.for("outcomes")]?.[arguments[0]] ?? { done: true, error: "The page has gone." };`;

export function toTab(session: WebDriverSession, handle: string): EngineTab {
  const post = (path: string, body: unknown) => session.inWindow(handle, "POST", path, body);
  const run = (script: string, ...args: unknown[]) => post("/execute/sync", { script, args });

  const untilDone = async (ticket: string): Promise<Outcome> =>
    eventually("the page's code has ended", async () => {
      const now = (await run(LOOK, ticket)) as Outcome;
      return now.done ? now : undefined;
    }) as Promise<Outcome>;

  const evaluate: EngineTab["evaluate"] = async (code, ...args) => {
    const ticket = randomUUID();
    const begun = (await run(begin(code), ticket, args)) as Outcome;
    const outcome = begun.done ? begun : await untilDone(ticket);
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome.value as ReturnType<typeof code>;
  };

  return {
    goTo: async (address) => void (await post("/url", { url: address })),
    reload: async () => void (await post("/refresh", {})),
    back: async () => void (await post("/back", {})),
    evaluate,
    click: async (find, ...args) => {
      const found = await run(`return (${find})(...arguments)`, ...args);
      if (!found) throw new Error(`There is nothing to click: ${find}`);
      // An element's reference is the one value of the object, whose key only names the protocol.
      const [reference] = Object.values(found);
      await post(`/element/${reference}/click`, {});
    },
    press: async (key) => {
      const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] }));
      await post("/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
    },
    setOffline: (offline) =>
      evaluate((gone) => {
        Object.defineProperty(navigator, "onLine", { configurable: true, value: !gone });
        dispatchEvent(new Event(gone ? "offline" : "online"));
      }, offline),
    close: async () => void (await session.inWindow(handle, "DELETE", "/window")),
  };
}

import type { IdentifyError, User } from "../../widget/types.ts";
import type { Tab } from "./driver/tab.ts";

/** Calls `VambeIdentify` and says what came of it: the identity's status, or the error's code. */
export const identify = (tab: Tab, user: User): Promise<string> =>
  tab.evaluate(
    (who) =>
      window.VambeIdentify?.(who).then(
        ({ status }) => status,
        ({ code }: IdentifyError) => code,
      ) ?? "no VambeIdentify",
    user,
  );

/** Calls `VambeIdentify` and leaves it alone, as most sites do. */
export const identifyAndForget = (tab: Tab, user: User): Promise<void> =>
  tab.evaluate((who) => void window.VambeIdentify?.(who), user);

export const logOut = (tab: Tab): Promise<void> => tab.evaluate(() => window.VambeIdentify?.reset());

/** The page says what the visitor has answered. */
export const answerConsent = (tab: Tab, yes: boolean): Promise<void> =>
  tab.evaluate((given) => window.VambeIdentify?.consent(given), yes);

/** Who the page says is signed in, at this moment. */
export const current = (tab: Tab): Promise<string | null> =>
  tab.evaluate(() => window.VambeIdentify?.current?.id ?? null);

/** Neither the stub nor an element of that name has such a property. */
export const untilReady = (tab: Tab): Promise<boolean> =>
  tab.waitFor(
    "the script is there",
    () => !!Object.getOwnPropertyDescriptor(Object(window.VambeIdentify), "current")?.get,
  );

export const untilCurrent = (tab: Tab, id: string): Promise<boolean> =>
  tab.waitFor(`${id} is signed in`, (who) => window.VambeIdentify?.current?.id === who, id);

export const untilNobody = (tab: Tab): Promise<boolean> =>
  tab.waitFor("nobody is signed in", () => window.VambeIdentify?.current === null);

/** All that a visitor can read on the badge; "" where it shows nothing. */
export const badgeText = (tab: Tab): Promise<string> =>
  tab.evaluate(() => document.querySelector("vambe-identity")?.shadowRoot?.textContent ?? "");

export const untilBadgeSays = (tab: Tab, text: string): Promise<boolean> =>
  tab.waitFor(
    `the badge says ${text}`,
    (words) => !!document.querySelector("vambe-identity")?.shadowRoot?.textContent?.includes(words),
    text,
  );

export const untilBadgeIsEmpty = (tab: Tab): Promise<boolean> =>
  tab.waitFor(
    "the badge shows nobody",
    () => !document.querySelector("vambe-identity")?.shadowRoot?.textContent,
  );

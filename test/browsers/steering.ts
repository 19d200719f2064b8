import type { User } from "../../widget/types.ts";
import type { Tab } from "./driver/tab.ts";
import { untilCurrent, untilReady } from "./in-the-page.ts";
import type { Stage } from "./stage.ts";

export const MINUTE = 60_000;
/** A token lives for fifteen minutes, and is renewed one minute before its end. */
export const UNTIL_RENEWAL = 14 * MINUTE;

/** What a scenario does to pages/steered.html. */
interface Steering {
  /** Whether it hears nothing of other tabs, as a tab that the browser has frozen. */
  freeze(yes: boolean): void;
  /** So much time passes, by all of its clocks. Its timers ring only when they are told to. */
  pass(ms: number): void;
  /** The visitor sets the clock forward, or back. */
  setClock(ms: number): void;
  /** Its timers ring, those that are due by now. */
  ring(): void;
  /** The visitor looks at it. */
  show(): void;
  /** How long each timer that has not rung yet was set to. */
  pending(): number[];
  /** How many listeners there are. */
  listeners(): number;
  /** The widget's events so far: `identified user-ana-01`, `reset`, `error network`. */
  heard(): string[];
}

export const steer = <Action extends keyof Steering>(
  tab: Tab,
  action: Action,
  ...given: Parameters<Steering[Action]>
) =>
  tab.evaluate(
    (name, args) => Reflect.get(window, Symbol.for("steering"))[name](...args),
    action,
    given as unknown[],
  ) as Promise<ReturnType<Steering[Action]>>;

/** Opens the page, with a clock that is so many milliseconds ahead. */
export async function visitSteered(stage: Pick<Stage<{ url: string }>, "visit">, ahead = 0): Promise<Tab> {
  const tab = await stage.visit(`steered.html?ahead=${ahead}`);
  await untilReady(tab);
  return tab;
}

/** Calls with a new proof of the site's whenever one is needed, and leaves it alone. */
export const callWithProofs = (tab: Tab, user: User): Promise<void> =>
  tab.evaluate(
    (who) =>
      void window.VambeIdentify?.(who, { getProof: () => fetch("/proof").then((answer) => answer.text()) }),
    user,
  );

/** Does so and waits until the next renewal is planned. */
export async function identifyWithProofs(tab: Tab, user: User): Promise<void> {
  await callWithProofs(tab, user);
  await untilCurrent(tab, `${user.id}`);
  await untilPlanned(tab);
}

/** Until something is planned for later. The ten seconds are those that an identify has, the thirty WebKit's driver's own. */
export const untilPlanned = (tab: Tab): Promise<boolean> =>
  tab.waitFor("something is planned", () =>
    Reflect.get(window, Symbol.for("steering"))
      .pending()
      .some((ms: number) => ms > 2000 && ms !== 10_000 && ms !== 30_000),
  );

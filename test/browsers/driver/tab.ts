import { eventually } from "../../support/eventually.ts";

/** What runs in the page. It sees the page and its own arguments, nothing of the file that it stands in. */
export type PageCode<Args extends unknown[], Result> = (...args: Args) => Result | Promise<Result>;

export type Key = "Tab" | "Enter";

/** What each engine does in a way of its own. */
export interface EngineTab {
  /** Opens an address and waits until the page has loaded. */
  goTo(address: string): Promise<void>;
  reload(): Promise<void>;
  /** One page back in the history, from the back/forward cache where the browser kept the page there. */
  back(): Promise<void>;
  /** Runs code in the page and waits for what it promises. Arguments and result travel as JSON. */
  evaluate<Args extends unknown[], Result>(code: PageCode<Args, Result>, ...args: Args): Promise<Result>;
  /** Clicks, as a mouse does, in the middle of the element that `find` returns. */
  click<Args extends unknown[]>(
    find: PageCode<Args, Element | null | undefined>,
    ...args: Args
  ): Promise<void>;
  press(key: Key): Promise<void>;
  /** Cuts this tab off from the network, or only makes the page believe so where the engine has no such switch. */
  setOffline(offline: boolean): Promise<void>;
  close(): Promise<void>;
}

/** One tab of a browser. All tabs of a browser share its storage. */
export interface Tab extends EngineTab {
  /** Waits until `condition` returns something true, and returns that. */
  waitFor<Args extends unknown[], Result>(
    what: string,
    condition: PageCode<Args, Result>,
    ...args: Args
  ): Promise<Result>;
}

export const createTab = (tab: EngineTab): Tab => ({
  ...tab,
  waitFor: (what, condition, ...args) =>
    eventually(what, () => tab.evaluate(condition, ...args), { everyMs: 40 }),
});

import type { Bundles } from "./bundles.ts";
import { Clock } from "./clock.ts";
import { type Kind, Tab } from "./tab.ts";

/** One visitor's browser: its tabs share a storage and the machine's clocks. */
export class Browser {
  readonly clock = new Clock();
  readonly stored = new Map<string, string>();
  /** Whether storage takes nothing any more, as where it is full. */
  full = false;
  readonly tabs: Tab[] = [];

  constructor(bundles: Bundles, kinds: readonly Kind[]) {
    for (const kind of kinds) this.tabs.push(new Tab(this, bundles, kind));
  }

  /** Called for each change of what is stored. */
  onStore = (_from: Tab, _key: string, _value: string | null): void => {};

  /** What a tab writes the others hear of. */
  store(from: Tab, key: string, value: string | null): void {
    if (value !== null && this.full) throw new Error("QuotaExceededError");
    const before = this.stored.get(key) ?? null;
    if (before === value) return;
    if (value === null) this.stored.delete(key);
    else this.stored.set(key, value);
    this.onStore(from, key, value);
    for (const tab of this.tabs) {
      if (tab !== from) tab.hear(key, value);
    }
  }

  /** Waits until nothing is under way any more but what waits for an answer or for time. */
  async settle(): Promise<void> {
    for (let again = true; again; ) {
      again = false;
      for (const tab of this.tabs) again = tab.runTask() || again;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

import type { Browser } from "./browser.ts";
import type { Tab } from "./tab.ts";

/** What is known of a page without looking into the widget: what it has said, and what may have ended that. */
export interface Page {
  /** Whom the page has named last in this document. `null`: nobody, or it has logged out. */
  said: string | null;
  /** The step in which it did, and how much it had heard by the end of that step. */
  since: number;
  heard: number;
  /** Whether its tokens can be renewed. */
  getProof?: boolean;
  /** How many statements were lost with the storage before this page could hear of them. */
  missed?: number;
  answer?: Promise<unknown> | undefined;
  /** Whether a proof of somebody else has been noticed since. */
  foreignProof: boolean;
  /** Whether the exchange has refused it before anything was known. */
  refused: boolean;
}

interface Statement {
  by: Tab;
  id: string | null;
  turns: number;
  /** The step of the call that it is about. */
  about: number;
  /** The step in which it was written. */
  written: number;
  /** The visitor's clock at that call. */
  wall: number;
}

/** Who ought to be signed in where. */
export class Model {
  readonly pages = new Map<Tab, Page>();
  /** The page whose proof has just turned out to be somebody else's. */
  unmasked: Tab | undefined;
  /** What was wrong at a moment that passed. */
  readonly faults: string[] = [];
  readonly statements: Statement[] = [];
  /** Pages whose visitor has not consented, and whom they have named meanwhile. */
  readonly asking = new Map<Tab, { said?: string | null; sent: number }>();
  step = 0;
  /** Whether storage has ever lost or not taken what a tab had said. */
  forgetful = false;
  #latestWall = 0;
  #latestAt = 0;
  readonly #walls = new Map<Tab, number>();

  constructor(browser: Browser) {
    for (const tab of browser.tabs) {
      this.opened(tab);
      tab.onHear = (type) => {
        const earlier = (this.statements.at(-1)?.written ?? 0) < this.step;
        if (type === "identified" && earlier && !this.forgetful && this.mustHaveLeft(tab))
          this.faults.push("identified late");
      };
    }
    browser.onStore = (by, key, value) => {
      if (this.asking.has(by) && value !== null) this.faults.push("stored without consent");
      if (key !== "vambe-identity" || value === null) return;
      const [id, at, turns] = JSON.parse(value) as [string | null, number, number];
      if (at <= this.#latestAt && !this.forgetful)
        this.faults.push("an older word was stated after a newer one");
      this.#latestAt = at;
      const wall = id === null ? browser.clock.wall : (this.#walls.get(by) ?? 0);
      // What is stored again, since something older stands in its place, is no news.
      const about = at < wall ? -1 : id === null ? this.step : this.page(by).since;
      this.statements.push({ by, id, turns, about, written: this.step, wall });
    };
  }

  page(tab: Tab): Page {
    const page = this.pages.get(tab);
    if (!page) throw new Error("no page");
    return page;
  }

  /** A new document is there: it has said nothing. */
  opened(tab: Tab): void {
    if (tab.kind === "asking") this.asking.set(tab, { sent: tab.sent });
    this.pages.set(tab, { said: null, since: this.step, heard: 0, foreignProof: false, refused: false });
  }

  /** What was stored is gone: a page that lies in a cache can no longer hear of it. */
  forgets(): void {
    this.forgetful = true;
    for (const [tab, page] of this.pages) {
      if (tab.frozen === "cached") page.missed = this.statements.length;
    }
  }

  consents(tab: Tab, wall: number): void {
    const { said } = this.asking.get(tab) ?? {};
    this.asking.delete(tab);
    if (said !== undefined) this.says(tab, said, wall);
  }

  says(tab: Tab, said: string | null, wall: number, answer?: Promise<unknown>): void {
    const waits = this.asking.get(tab);
    if (waits) {
      waits.said = said;
      return;
    }
    this.#walls.set(tab, wall);
    this.#latestWall = Math.max(this.#latestWall, wall);
    this.pages.set(tab, {
      said,
      since: this.step,
      heard: 0,
      answer,
      foreignProof: false,
      refused: false,
    });
  }

  expectLogOut(): void {
    const { id, written } = this.statements.at(-1) ?? {};
    if (id !== null || written !== this.step)
      throw new Error("the other tabs do not hear that somebody has left");
  }

  /** Whether another tab has said something else since, as far as it matters who was first. */
  mayHaveLeft(tab: Tab): boolean {
    const { said, since, foreignProof } = this.page(tab);
    return (
      foreignProof ||
      this.statements.some(({ by, id, written }) => by !== tab && id !== said && written >= since)
    );
  }

  /** Whether a newer word of another tab has come that has to be followed. */
  mustHaveLeft(tab: Tab): boolean {
    const { said, since, missed = 0 } = this.page(tab);
    const last = this.statements.at(-1);
    if (!last || this.statements.length <= missed || last.by === tab || last.id === said) return false;
    // Where the clock was set back in between, nobody can tell who was first.
    const setBack = last.wall < (this.forgetful ? this.#latestWall : (this.#walls.get(tab) ?? 0));
    const later = last.about > since && !setBack;
    return later && last.turns <= 2;
  }
}

import fc from "fast-check";
import { responseFor, VERDICTS, type Verdict } from "./answers.ts";
import type { Browser } from "./browser.ts";
import { checkAll } from "./check.ts";
import type { Model } from "./model.ts";
import type { Tab } from "./tab.ts";

type Command = fc.AsyncCommand<Model, Browser>;

/** A step of a page, a visitor, a network or a machine. After each, everything that is seen has to agree. */
class Step implements Command {
  readonly #name: string;
  readonly #play: (model: Model, browser: Browser) => void | Promise<void>;

  constructor(name: string, play: (model: Model, browser: Browser) => void | Promise<void>) {
    this.#name = name;
    this.#play = play;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, browser: Browser): Promise<void> {
    model.step++;
    // Nobody does two things within a millisecond.
    await browser.clock.pass(5, () => browser.settle());
    await this.#play(model, browser);
    await browser.settle();
    checkAll(model, browser);
    model.unmasked = undefined;
  }

  toString(): string {
    return this.#name;
  }
}

const tabOf = (browser: Browser, at: number): Tab => {
  const tab = browser.tabs[at];
  if (!tab) throw new Error(`no tab ${at}`);
  return tab;
};
/** A frozen page runs nothing, so it says nothing. */
const awake =
  (at: number, play: (tab: Tab, model: Model, browser: Browser) => void) =>
  (model: Model, browser: Browser) => {
    const tab = tabOf(browser, at);
    if (!tab.frozen) play(tab, model, browser);
  };

const tab = fc.nat(2);
const user = fc.constantFrom("A", "B", "C");
const verdict = fc.constantFrom(...VERDICTS);

/** What is answered from memory is no new word of the page. */
const says = (one: Tab, model: Model, browser: Browser, id: string, answer: Promise<unknown>) => {
  if (answer !== model.page(one).answer) model.says(one, id, browser.clock.wall, answer);
};

/** With `getProof` the page has no proof of its own, so its calls are alike. */
export const identify = (at: number, id: string, getProof: boolean) =>
  new Step(
    `tab ${at} identifies ${id}${getProof ? ", getProof" : ""}`,
    awake(at, (one, model, browser) => {
      const before = one.current?.id ?? id;
      // What a page says that asks first is never answered from memory.
      const user = { id, ...((!getProof || one.kind === "asking") && { proof: `${model.step}` }) };
      const answer = one.identify(user, getProof ? { getProof: () => `of ${id}` } : {});
      says(one, model, browser, id, answer);
      model.page(one).getProof = getProof;
      // Who is replaced is out, in every tab, even if the next one is refused.
      if (before !== id && !browser.full) model.expectLogOut();
    }),
  );
/** The very same call as before, as a page makes it that is drawn anew. */
export const repeat = (at: number, id: string) =>
  new Step(
    `tab ${at} identifies ${id} as ever`,
    awake(at, (one, model, browser) => {
      if (one.kind !== "asking") says(one, model, browser, id, one.identify({ id }));
    }),
  );
export const logOut = (at: number) =>
  new Step(
    `tab ${at} logs out`,
    awake(at, (one, model, browser) => {
      model.says(one, null, browser.clock.wall);
      void one.identify(null);
    }),
  );
export const invalid = (at: number) =>
  new Step(
    `tab ${at} identifies undefined`,
    awake(at, (one, model, browser) => {
      model.says(one, null, browser.clock.wall);
      void one.identify(undefined);
    }),
  );
export const answer = (at: number, what: Verdict) =>
  new Step(`tab ${at} is answered: ${what}`, (model, browser) => {
    const one = tabOf(browser, at);
    const [request] = one.requests;
    if (!request) return;
    if (request.id === model.page(one).said) {
      if (what === "of another") model.page(one).foreignProof = true;
      if (what === "refused" || what === "expired" || what === "of another") model.page(one).refused = true;
    }
    const own = !one.frozen && request.id === model.page(one).said;
    model.unmasked = own && what === "of another" ? one : undefined;
    if (what === "lost") request.fail();
    else request.answer(responseFor(what, request.id));
  });
export const consent = (at: number, given: boolean) =>
  new Step(
    `tab ${at} has ${given ? "" : "no "}consent`,
    awake(at, (one, model, browser) => {
      if (one.kind !== "asking") return;
      if (given) model.consents(one, browser.clock.wall);
      else if (!model.asking.has(one)) model.says(one, null, browser.clock.wall);
      one.consent(given);
      if (!given) model.forgets();
      if (!given) model.asking.set(one, { ...model.asking.get(one), sent: one.sent });
    }),
  );
export const event = (at: number, type: string) =>
  new Step(`tab ${at}: ${type}`, (_, browser) => {
    const one = tabOf(browser, at);
    one.task(() => one.fire(type));
  });
export const freeze = (at: number, how: "frozen" | "cached") =>
  new Step(`tab ${at} is ${how}`, (_, browser) => {
    tabOf(browser, at).frozen ||= how;
  });
export const thaw = (at: number) =>
  new Step(`tab ${at} is thawed`, (_, browser) => tabOf(browser, at).thaw());
export const reload = (at: number) =>
  new Step(
    `tab ${at} is loaded anew`,
    awake(at, (one, model) => {
      model.opened(one);
      one.load();
    }),
  );
export const cut = (at: number, offline: boolean) =>
  new Step(`tab ${at} is ${offline ? "offline" : "online"}`, (_, browser) => {
    const one = tabOf(browser, at);
    one.offline = offline;
    if (!offline) one.task(() => one.fire("online"));
  });
export const pass = (seconds: number) =>
  new Step(`${seconds} s pass`, (_, browser) => browser.clock.pass(seconds * 1000, () => browser.settle()));
export const setClock = (seconds: number) =>
  new Step(`the clock is set by ${seconds} s`, (_, browser) => {
    browser.clock.wall += seconds * 1000;
  });
/** The site clears its storage, or a browser takes it away: `broken` leaves something else in its place. */
export const lose = (broken: string) =>
  new Step(`storage holds "${broken}"`, (model, browser) => {
    model.forgets();
    if (broken) browser.stored.set("vambe-identity", broken);
    else browser.stored.clear();
  });
export const fill = (full: boolean) =>
  new Step(`storage is ${full ? "full" : "free"}`, (model, browser) => {
    model.forgetful ||= full;
    browser.full = full;
  });

export const STEPS: fc.Arbitrary<Command>[] = [
  fc.tuple(tab, user, fc.boolean()).map((all) => identify(...all)),
  fc.tuple(tab, user, fc.boolean()).map((all) => identify(...all)),
  fc.tuple(tab, user).map((all) => repeat(...all)),
  tab.map(logOut),
  tab.map(invalid),
  fc.constantFrom(true, true, false).map((given) => consent(2, given)),
  fc.tuple(tab, verdict).map((all) => answer(...all)),
  fc.tuple(tab, fc.constantFrom<Verdict>("delivered", "queued")).map((all) => answer(...all)),
  fc.tuple(tab, fc.constantFrom<Verdict>("delivered", "queued")).map((all) => answer(...all)),
  fc
    .tuple(tab, fc.constantFrom("visibilitychange", "pageshow", "online", "storage"))
    .map((all) => event(...all)),
  fc.tuple(tab, fc.constantFrom<"frozen" | "cached">("frozen", "cached")).map((all) => freeze(...all)),
  tab.map(thaw),
  tab.map(reload),
  fc.tuple(tab, fc.boolean()).map((all) => cut(...all)),
  fc.constantFrom(1, 6, 20, 61, 600, 1200).map(pass),
  fc.constantFrom(-7200, -3, 5, 1200, 7200).map(setClock),
  fc.constantFrom("", "{", "123", '"A"', "[null]").map(lose),
  fc.boolean().map(fill),
];

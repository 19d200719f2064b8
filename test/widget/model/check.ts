import type { Browser } from "./browser.ts";
import type { Model } from "./model.ts";
import type { Tab } from "./tab.ts";

/** That whatever a visitor, a page or the webchat can see says the same, in every tab that runs. */
export function checkAll(model: Model, browser: Browser): void {
  if (model.faults.length > 0) throw new Error(model.faults.join());
  for (const tab of browser.tabs) if (!tab.frozen) check(model, browser, tab);
}

function check(model: Model, browser: Browser, tab: Tab) {
  const page = model.page(tab);
  const id = tab.current?.id ?? null;
  const fail = (what: string): never => {
    throw new Error(
      `tab ${browser.tabs.indexOf(tab)} (${tab.kind}): ${what}. ${describe(tab)}, said ${page.said}`,
    );
  };

  const told = tab.heard.reduce<string | null>((who, event) => {
    const [type, about = null] = event.split(" ");
    return type === "identified" ? about : type === "reset" ? null : who;
  }, null);
  const { sent = tab.sent } = model.asking.get(tab) ?? {};
  if (tab.sent > sent) fail("it asks without consent");
  if (told !== id) fail(`its events tell of ${told}`);

  if (tab.kind !== "module") {
    const { kind, person } = tab.picture;
    const shown = person?.id ?? null;
    // Who was known on an earlier page is shown while the call is under way.
    const knowsBetter = tab.heard.some((event) => event !== "error invalid-user");
    const flickerFree = kind === "known" && id === null && !knowsBetter && !person?.verified;
    const agrees =
      kind === "hidden" || kind === "failed" || kind === "working"
        ? id === null
        : shown === id || flickerFree;
    if (!agrees) fail(`its badge shows ${kind} ${shown}`);
    if (shown !== null && shown !== page.said) fail(`its badge shows ${shown}`);
  } else if (tab.hook) {
    if ((tab.hook.identity?.id ?? null) !== id) fail(`its hook has ${tab.hook.identity?.id}`);
    if ((tab.hook.status === "identified") !== (id !== null)) fail(`its hook says ${tab.hook.status}`);
  }
  if ((tab.webchatId ?? null) !== id) fail(`its webchat is told of ${tab.webchatId}`);

  if (id !== null && id !== page.said) fail("the page has not said so");
  if (id !== null && model.unmasked === tab) fail("its proof is of somebody else");
  if (id !== null && model.mustHaveLeft(tab)) fail("another tab has said something newer");
  // What the page's own word has ended it hears of in that very step.
  if (page.since === model.step) page.heard = tab.heard.length;
  if (tab.heard.slice(page.heard).includes("reset") && !model.mayHaveLeft(tab)) fail("nothing has ended it");
}

/** That everything comes to its end: whoever is still the newest is known, and nobody else. */
export function checkEnd(model: Model, browser: Browser): void {
  checkAll(model, browser);
  for (const tab of browser.tabs) {
    const { said, refused } = model.page(tab);
    const expected = said !== null && !model.mayHaveLeft(tab) && !refused;
    if (expected && tab.current?.id !== said) {
      throw new Error(
        `tab ${browser.tabs.indexOf(tab)} (${tab.kind}) never got to ${said}. ${describe(tab)}`,
      );
    }
  }
}

const describe = (tab: Tab) =>
  `current ${tab.current?.id ?? null}, heard ${tab.heard.join(", ") || "nothing"}, waits for ${tab.requests.length}`;

import type { View } from "../../vambe/view.ts";
import type { PageFacts } from "../page.ts";
import { account, type SignedIn } from "./account.ts";
import { setUpCheats } from "./cheats.ts";
import { find } from "./element.ts";
import { claimOf, createIdentify } from "./identify.ts";
import { drawSite } from "./site.ts";
import { createStory } from "./story.ts";
import { drawStory } from "./story-view.ts";
import { watchVambe } from "./vambe.ts";
import { drawVambe } from "./vambe-view.ts";

const facts: PageFacts = JSON.parse(find("#facts").textContent ?? "");
let user: SignedIn | null = null;
/** `null` until the first look at Vambe: what there is then comes at once, and nothing has to move. */
let view: View | null = null;

const story = createStory(facts.run, tellStory);
const identify = createIdentify(story);

/** After everything that may have changed who is signed in: show it, and tell Vambe. */
function signedIn(next: SignedIn | null, title: string): void {
  user = next;
  drawSite(user, facts.people, logIn);
  void identify(title, next && claimOf(next));
}

/** Vambe's side is drawn when Vambe has changed: what was just clicked there must not jump back before. */
function tellStory(): void {
  if (view) drawStory(story.tell(view.upserts), facts.people);
}

let turn: Promise<void> = Promise.resolve();
/** One after the other, as they were clicked: an answer that is late must not undo what came after. */
function inTurn(step: () => Promise<void>): void {
  turn = turn.catch(() => {}).then(step);
}

function logIn(id: string): void {
  inTurn(async () => {
    const before = user;
    const next = await account.logIn(id);
    signedIn(next, `${before ? "Switched to" : "Logged in as"} ${next?.name}`);
    find("#hello").focus(); // the button that had the focus is gone
  });
}

find("[data-testid=plans]").addEventListener("change", ({ target }) => {
  const plan = (target as HTMLInputElement).value;
  inTurn(async () => signedIn(await account.changePlan(plan), `Changed the plan to ${plan}`));
});

find("[data-testid=logout]").addEventListener("click", () => {
  inTurn(async () => {
    await account.logOut();
    signedIn(null, "Logged out");
    find("#welcome").focus();
  });
});

// “Not you? Sign out” on the badge is this site's own log-out, which tells the badge in turn.
window.addEventListener("vambe:signout", (event) => {
  event.preventDefault();
  find("[data-testid=logout]").click();
});

setUpCheats(
  () => user,
  facts.people,
  (title, claim) => void identify(title, claim),
);

// The session is one for all tabs: another may have changed the user in the meantime.
const lookAgain = () =>
  inTurn(async () => {
    const now = await account.me();
    if (now?.id !== user?.id) signedIn(now, "Another tab changed the user");
  });
window.addEventListener("vambe:reset", () => user && lookAgain());
document.addEventListener("visibilitychange", () => document.hidden || lookAgain());

const vambe = watchVambe(
  facts.vambeUrl,
  (next) => {
    view = next;
    drawVambe(view);
    tellStory();
  },
  (connected) => {
    const live = find("[data-testid=live]");
    live.dataset.live = String(connected);
    live.textContent = connected ? "live" : "no connection";
  },
);

find("[data-testid=faults]").addEventListener("change", ({ target }) => {
  const { value, labels } = target as HTMLInputElement;
  const label = labels?.[0]?.querySelector("span")?.firstChild?.textContent ?? value;
  story.begin(`Vambe is now ${label.trim()}`);
  void vambe.setFault(value);
});

const language = new URLSearchParams(location.search).get("lang");
document
  .querySelector(`.languages [lang="${CSS.escape(language ?? "")}"]`)
  ?.setAttribute("aria-current", "true");
find("[data-text=vambe-host]").textContent = new URL(facts.vambeUrl).host;
drawSite(facts.person, facts.people, logIn);
const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const title = navigation?.type === "reload" ? "Reloaded the page" : "Opened the page";
inTurn(async () => {
  const now = await account.me();
  signedIn(now, now ? `${title} as ${now.name}` : `${title}, logged out`);
});

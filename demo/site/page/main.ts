import type { View } from "../../vambe/view.ts";
import type { PageFacts } from "../page.ts";
import { account, type SignedIn } from "./account.ts";
import { drawAgent } from "./agent-view.ts";
import { watchChat } from "./chat.ts";
import { setUpChatSecurity } from "./chat-security.ts";
import { setUpCheats } from "./cheats.ts";
import { find } from "./element.ts";
import { claimOf, createIdentify } from "./identify.ts";
import { loadAgain, takeNextLoad } from "./next-load.ts";
import { markPaneInView } from "./panes.ts";
import { setUpRefresh } from "./refresh.ts";
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
const chatSrc = `${facts.vambeUrl}/webchat.js`;
const chatWasTold = watchChat(chatSrc);
const identify = createIdentify(story, chatWasTold);

/** After everything that may have changed who is signed in: show it, and tell Vambe. */
function signedIn(next: SignedIn | null, title: string, claimedId = next?.id): void {
  user = next;
  drawSite(user, facts.people, logIn);
  void identify(title, next && { ...claimOf(next), id: claimedId ?? next.id });
}

/** Vambe's side is drawn when Vambe has changed: what was just clicked there must not jump back before. */
function tellStory(): void {
  if (view) drawStory(story.tell(view), facts.people);
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
    if (!before) return loadAgain({ title: `Logged in as ${next?.name}` });
    signedIn(next, `Switched to ${next?.name}`);
    find("#hello").focus(); // the button that had the focus is gone
  });
}

find("[data-testid=plans]").addEventListener("change", ({ target }) => {
  const plan = (target as HTMLInputElement).value || null;
  const title = plan ? `Changed the plan to ${plan}` : "Cancelled the plan";
  inTurn(async () => signedIn(await account.changePlan(plan), title));
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

setUpCheats({
  user: () => user,
  people: facts.people,
  chat: chatSrc,
  claim: (title, claim) => void identify(title, claim),
  note: (title) => void story.begin(title),
});
setUpChatSecurity(facts.chatSecured, (title) => void story.begin(title));
const deleteCustomer = setUpRefresh({
  userId: () => user?.id,
  note: (title) => void story.begin(title),
  deleteAtVambe: (customer) => vambe.deleteCustomer(customer),
  identifyAgain: (title) =>
    inTurn(async () => {
      const now = await account.me();
      if (now) signedIn(now, title);
    }),
});
markPaneInView();

// The session is one for all tabs: another may have changed the user in the meantime.
const lookAgain = () =>
  inTurn(async () => {
    const now = await account.me();
    if (now?.id !== user?.id) signedIn(now, "Another tab changed the user");
  });
window.addEventListener("vambe:reset", () => {
  if (!user) return;
  // The widget loads the page anew then, and that looks again.
  if (chatWasTold())
    story.settle(story.begin("Another tab changed the user"), { kind: "reload", reloads: true });
  else lookAgain();
});
document.addEventListener("visibilitychange", () => document.hidden || lookAgain());

const vambe = watchVambe(
  facts.vambeUrl,
  (next) => {
    view = next;
    drawVambe(view, deleteCustomer);
    drawAgent(view);
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
const next = takeNextLoad();
const byWidget = navigation?.type === "reload" && story.reloads();
inTurn(async () => {
  const now = await account.me();
  signedIn(now, next?.title ?? titleOf(now), next?.claimedId);
  // Where something was clicked, its button is gone with the page before.
  if (byWidget || (next && !next.claimedId)) find(now ? "#hello" : "#welcome").focus();
});

function titleOf(now: SignedIn | null): string {
  if (byWidget) return `The widget reloaded the page ${now ? `for ${now.name}` : "after the log-out"}`;
  const title = navigation?.type === "reload" ? "Reloaded the page" : "Opened the page";
  return now ? `${title} as ${now.name}` : `${title}, logged out`;
}

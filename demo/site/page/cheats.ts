import type { Person } from "../people.ts";
import type { SignedIn } from "./account.ts";
import { openChatWithId } from "./chat.ts";
import { find } from "./element.ts";
import { type Claim, claimOf } from "./identify.ts";
import { loadAgain } from "./next-load.ts";

export interface Cheating {
  user: () => SignedIn | null;
  people: readonly Person[];
  /** Address of the webchat's script. */
  chat: string;
  claim(title: string, claim: Claim): void;
  note(title: string): void;
}

/** What a visitor could do from the browser's console. None of it may reach Vambe. */
export function setUpCheats({ user, people, chat, claim, note }: Cheating): void {
  const onClick = (name: string, cheat: (me: SignedIn, other: Person) => void) =>
    find(`[data-testid=cheat-${name}]`).addEventListener("click", () => {
      const me = user();
      if (me) cheat(me, people.find(({ id }) => id !== me.id) ?? me);
    });

  onClick("plan", (me) => claim("Cheat: claimed the plan “platinum”", { ...claimOf(me), plan: "platinum" }));
  onClick("proof", ({ id, name, email, plan }) =>
    claim("Cheat: left the proof out", { id, name, email, plan }),
  );
  // Another id in a page whose chat knows the visitor would only load the page anew: so it is claimed from the start.
  onClick("user", (_, other) =>
    loadAgain({ title: `Cheat: claimed to be ${other.name}`, claimedId: other.id }),
  );
  onClick("chat", async (_, other) => {
    const openedBy = await openChatWithId(other.id, chat);
    const result = resultOf(openedBy, other.name);
    const place = find("[data-testid=cheat-chat-result]");
    place.dataset.result = result.is;
    place.textContent = result.text;
    note(`Cheat: put the id of ${other.name} into the chat: ${result.inShort}`);
  });
}

function resultOf(openedBy: string | null, name: string) {
  if (openedBy === "id") {
    return {
      is: "worked",
      inShort: "it opened",
      text: `It worked: this visitor reads ${name}’s conversation. Turn on “secured by JWT”.`,
    };
  }
  if (openedBy === "refused") {
    return {
      is: "refused",
      inShort: "refused",
      text: "Refused: Vambe takes a signed token alone, so it has loaded no session. Reload the page to go on.",
    };
  }
  return { is: "failed", inShort: "no answer", text: "The webchat did not answer." };
}

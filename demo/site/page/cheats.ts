import type { Person } from "../people.ts";
import type { SignedIn } from "./account.ts";
import { find } from "./element.ts";
import { type Claim, claimOf } from "./identify.ts";

/** What a visitor could do from the browser's console. None of it may reach Vambe. */
export function setUpCheats(
  user: () => SignedIn | null,
  people: readonly Person[],
  claim: (title: string, claim: Claim) => void,
): void {
  const onClick = (name: string, cheat: (me: SignedIn) => [title: string, claim: Claim]) =>
    find(`[data-testid=cheat-${name}]`).addEventListener("click", () => {
      const me = user();
      if (me) claim(...cheat(me));
    });

  onClick("plan", (me) => ["Cheat: claimed the plan “platinum”", { ...claimOf(me), plan: "platinum" }]);
  onClick("user", (me) => {
    const other = people.find(({ id }) => id !== me.id) ?? me;
    return [`Cheat: claimed to be ${other.name}`, { ...claimOf(me), id: other.id }];
  });
  onClick("proof", ({ id, name, email, plan }) => ["Cheat: left the proof out", { id, name, email, plan }]);
}

import type { Customer } from "./customer-card.ts";
import { find } from "./element.ts";

export interface Refresh {
  /** The site's id of who is signed in. */
  userId: () => string | undefined;
  note(title: string): void;
  deleteAtVambe(customer: string): Promise<void>;
  /** As a reload would. */
  identifyAgain(title: string): void;
}

/** Vambe loses a contact, and the exchange, which does not hear of that, is told to send everybody again. */
export function setUpRefresh({
  userId,
  note,
  deleteAtVambe,
  identifyAgain,
}: Refresh): (customer: Customer) => void {
  const button = find<HTMLButtonElement>("[data-testid=resend]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    const answer = await fetch("/resend", { method: "POST" });
    button.disabled = false;
    note(
      answer.ok
        ? "Ran vambe-identity outbox resend --all"
        : "vambe-identity outbox resend --all has failed: the terminal says why",
    );
    if (answer.ok) identifyAgain("Identified again");
  });

  return async ({ id, contacts }) => {
    note(`Somebody deleted ${contacts[0].contact.name ?? "a customer"} at Vambe`);
    await deleteAtVambe(id);
    find("#contacts").focus(); // the button that had the focus is gone
    if (contacts.some(({ external_user_id }) => external_user_id === userId()))
      identifyAgain("Identified after the deletion");
  };
}

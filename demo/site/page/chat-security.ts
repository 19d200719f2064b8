import { find } from "./element.ts";

/** The switch for Vambe's option and the exchange's setting. The exchange starts anew with it, and so does the page. */
export function setUpChatSecurity(secured: boolean, note: (title: string) => void): void {
  const input = find<HTMLInputElement>("[data-testid=chat-secured]");
  const line = find("[data-testid=chat-security-line]");
  input.checked = secured;
  input.addEventListener("change", async () => {
    note(`The chat is ${input.checked ? "secured by JWT" : "no longer secured"}`);
    input.disabled = true;
    line.textContent = "The exchange starts anew …";
    const answer = await fetch("/chat-security", {
      method: "POST",
      body: JSON.stringify({ secured: input.checked }),
      headers: { "Content-Type": "application/json" },
    });
    if (answer.ok) location.reload();
    else line.textContent = "The exchange has not started. The terminal says why.";
  });
}

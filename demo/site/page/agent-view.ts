import type { View } from "../../vambe/view.ts";
import type { AgentSession } from "../../vambe/webchat/sessions.ts";
import { element, find, showList } from "./element.ts";
import { avatar } from "./site.ts";

const TRUST = {
  token: { tone: "good", text: "verified" },
  id: { tone: "warn", text: "not verified" },
  nobody: { tone: "plain", text: "unknown" },
} as const;

/** Who is chatting, as the agent has it on the screen. */
export function drawAgent({ chatSessions }: View): void {
  showList(find("[data-list=agent]"), chatSessions, ({ seq }) => String(seq), sessionCard);
  find("[data-testid=no-sessions]").hidden = chatSessions.length > 0;
}

function sessionCard({ openedBy, user, name, plan, last }: AgentSession): HTMLElement {
  const { tone, text } = TRUST[openedBy];
  const shown = name ?? user ?? "anonymous";
  return element(
    "li",
    { "data-testid": "agent-session", "data-user": user ?? "", "data-opened-by": openedBy },
    avatar(name ?? "?"),
    element(
      "span",
      { class: "person" },
      element("b", {}, shown),
      last ? element("small", { lang: "es" }, last.text) : element("small", {}, "no message yet"),
    ),
    element(
      "span",
      { class: "trust" },
      element("span", { class: "pill", "data-tone": tone }, text),
      plan !== null && element("small", {}, `plan ${plan}`),
    ),
  );
}

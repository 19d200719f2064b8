import type { ChatLine } from "../tickets.ts";
import type { ChatSession, NoSession } from "./session.ts";

/** `greeting`: only who is greeted, and how the session was opened. The host says it too: a page may make room for it. */
type WindowState = "closed" | "greeting" | "open";

/** The demo's own line, so it is in the demo's language: the webchat that it stands in for has nothing like it. */
const OPENED = {
  token: "Session opened by a signed token",
  id: "Session opened by an id, unproven",
  nobody: "Session opened for nobody known",
  refused: "Session not loaded: Vambe refused the user",
  failed: "Session not loaded: no answer",
} as const;

const icon = (path: string) =>
  `<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="${path}"/></svg>`;

const MARKUP = `
<section lang="es" aria-label="Chat">
  <div class="window" id="window">
    <header>
      <p data-testid="chat-greeting"></p>
      <button type="button" class="close" aria-label="Minimizar el chat">${icon("M6 12h12")}</button>
    </header>
    <p class="session" data-testid="chat-session" lang="en"></p>
    <div class="conversation" tabindex="0" role="log" aria-label="Conversación">
      <p class="before"></p>
      <ol data-testid="chat-conversation"></ol>
    </div>
    <form>
      <input name="text" aria-label="Mensaje" placeholder="Escribe un mensaje" autocomplete="off" maxlength="2000">
      <button aria-label="Enviar">${icon("M5 12h14m-6-6 6 6-6 6")}</button>
    </form>
  </div>
  <button type="button" class="launcher" aria-label="Abrir el chat" aria-expanded="false" aria-controls="window">
    ${icon("M4 5h16v11H10l-5 4v-4H4z")}
  </button>
</section>`;

/** What the visitor sees of a session. Text is only ever text, never HTML. */
export function createChatWindow(root: ShadowRoot, style: string) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  root.innerHTML = MARKUP;

  const find = <Kind extends HTMLElement>(selector: string): Kind => {
    const found = root.querySelector<Kind>(selector);
    if (!found) throw new Error(`The chat has no ${selector}`);
    return found;
  };
  const section = find("section");
  const launcher = find<HTMLButtonElement>(".launcher");
  const input = find<HTMLInputElement>("input");

  const set = (state: WindowState) => {
    section.dataset.state = state;
    root.host.setAttribute("data-state", state);
    launcher.ariaExpanded = String(state === "open");
    find(".conversation").scrollTop = find(".conversation").scrollHeight;
  };
  const open = () => {
    set("open");
    input.focus();
  };
  const close = () => {
    set("closed");
    launcher.focus();
  };
  find(".close").addEventListener("click", close);
  launcher.addEventListener("click", open);
  section.addEventListener("keydown", ({ key }) => key === "Escape" && close());

  const add = ({ from, text }: ChatLine) => {
    const line = document.createElement("li");
    line.dataset.from = from;
    line.textContent = text;
    find("ol").append(line);
    find(".conversation").scrollTop = find(".conversation").scrollHeight;
  };

  const say = (how: keyof typeof OPENED) => {
    const line = find(".session");
    line.textContent = OPENED[how];
    line.dataset.openedBy = how;
  };

  return {
    set,

    show({ openedBy, name, lines, say: send }: ChatSession): void {
      say(openedBy);
      find("[data-testid=chat-greeting]").textContent = greetingOf(openedBy, name);
      const [first] = lines;
      find(".before").textContent = first ? `Tu última conversación, ${day(first.at)}` : "";
      for (const line of lines) add(line);
      find("form").addEventListener("submit", async (event) => {
        event.preventDefault();
        const text = input.value.trim();
        if (!text) return;
        input.value = "";
        await send(text).then(add, () => {
          input.value = text;
        });
      });
    },

    /** There is no session: nothing of anybody, and nothing to write into. */
    showNothing(why: NoSession): void {
      say(why);
      set("greeting");
      section.dataset.session = "none";
      launcher.disabled = true;
    },
  };
}

function greetingOf(openedBy: ChatSession["openedBy"], name: string | null): string {
  if (openedBy === "nobody") return "Hola, ¿con quién hablo?";
  const [first] = name?.split(" ") ?? [];
  return first ? `Hola ${first}, ¿en qué te ayudamos?` : "Hola de nuevo, ¿en qué te ayudamos?";
}

const day = (at: string) => new Date(at).toLocaleDateString("es", { day: "numeric", month: "long" });

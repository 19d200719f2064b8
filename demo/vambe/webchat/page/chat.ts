import { createChatWindow } from "./chat-window.ts";
import { type ChatConfig, openSession } from "./session.ts";

const NAME = "vambe-webchat";

/** Where there is room for it, the whole chat opens by itself; elsewhere only the greeting does. */
const ROOM = "(min-width: 68.75rem) and (min-height: 38rem)";

/** Opens a session and draws it. A chat that is in the page already gives way. */
export async function startChat(config: ChatConfig, server: string): Promise<void> {
  document.querySelector(NAME)?.dispatchEvent(new Event("replace"));
  const host = document.createElement(NAME);
  document.body.append(host);
  const over = new AbortController();
  host.addEventListener("replace", () => over.abort());
  over.signal.addEventListener("abort", () => host.remove());

  const [style, session] = await Promise.all([
    fetch(`${server}/webchat/page/chat.css`).then((answer) => answer.text()),
    openSession(config, server),
  ]);
  const chat = createChatWindow(host.attachShadow({ mode: "open" }), style);
  if (typeof session === "string") return chat.showNothing(session);
  if (over.signal.aborted) return session.end();

  chat.show(session);
  chat.set(session.openedBy !== "nobody" && matchMedia(ROOM).matches ? "open" : "greeting");
  over.signal.addEventListener("abort", session.end);
  addEventListener("pagehide", session.end, { once: true, signal: over.signal });
  session.show();
}

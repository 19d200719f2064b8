const HOST = "vambe-webchat";

/** How the chat in the page was opened; `null` while there is none. */
export function chatOpenedBy(host = document.querySelector(HOST)): string | null {
  const line = host?.shadowRoot?.querySelector<HTMLElement>("[data-testid=chat-session]");
  return line?.dataset.openedBy ?? null;
}

const config = (): Record<string, unknown> =>
  ((window as { embeddedWebchatConfig?: Record<string, unknown> }).embeddedWebchatConfig ??= {});

/** Whether a chat has been loaded that was told who is there. It cannot be told of anybody else: it takes another page. */
export function watchChat(src: string): () => boolean {
  let told = false;
  const onLoad = ({ target }: Event) => {
    if (target instanceof HTMLScriptElement && target.src === src) told ||= !!config().externalUserId;
  };
  document.addEventListener("load", onLoad, { capture: true });
  return () => told;
}

/** Does what any visitor can do in the console, and returns how the chat was opened then. */
export async function openChatWithId(id: string, src: string): Promise<string | null> {
  config().externalUserId = id;
  const before = document.querySelector(HOST);
  const script = document.createElement("script");
  script.src = src;
  document.head.append(script);
  for (let tries = 0; tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = document.querySelector(HOST);
    if (now !== before && chatOpenedBy(now)) return chatOpenedBy(now);
  }
  return null;
}

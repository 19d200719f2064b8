const HOST = "vambe-webchat";

/** How the chat in the page was opened; `null` while there is none. */
export function chatOpenedBy(host = document.querySelector(HOST)): string | null {
  const line = host?.shadowRoot?.querySelector<HTMLElement>("[data-testid=chat-session]");
  return line?.dataset.openedBy ?? null;
}

const config = (): Record<string, unknown> =>
  ((window as { embeddedWebchatConfig?: Record<string, unknown> }).embeddedWebchatConfig ??= {});

/**
 * Whether a chat that was told who is there has been loaded, or is about to be. It cannot be told of anybody else: it
 * takes another page, at the latest when it has loaded.
 */
export function watchChat(src: string): () => boolean {
  let told = false;
  const isChat = (node: Node) => node instanceof HTMLScriptElement && node.src === src;
  const seen = new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some(isChat))) told ||= !!config().externalUserId;
  });
  seen.observe(document, { childList: true, subtree: true });
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

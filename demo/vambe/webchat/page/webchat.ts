import type { startChat } from "./chat.ts";
import type { ChatConfig } from "./session.ts";

/**
 * `webchat.js`, as a site embeds it: a classic script that reads the page's configuration once, when it runs. What the
 * page writes there later changes nothing. Loaded again, it starts again.
 */
{
  const { src } = document.currentScript as HTMLScriptElement;
  const config = { ...(window as { embeddedWebchatConfig?: ChatConfig }).embeddedWebchatConfig };
  const parts: Promise<{ startChat: typeof startChat }> = import(new URL("/webchat/page/chat.ts", src).href);
  void parts.then((chat) => chat.startChat(config, new URL(src).origin));
}

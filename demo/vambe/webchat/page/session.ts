import type { SessionAnswer } from "../sessions.ts";
import type { ChatLine } from "../tickets.ts";

/** What the script takes from `window.embeddedWebchatConfig`. */
export interface ChatConfig {
  clientId?: string;
  channelId?: string;
  /** The site's id for the user or, in its place, a signed token. */
  externalUserId?: string;
}

/** `refused`: Vambe does not believe the user. `failed`: there was no answer that says anything. */
export type NoSession = "refused" | "failed";

export interface ChatSession extends Omit<SessionAnswer, "session"> {
  say(text: string): Promise<ChatLine>;
  /** Says that the visitor has it on the screen. */
  show(): void;
  end(): void;
}

/** Opens a session for whoever the page says is there. */
export async function openSession(
  { clientId, channelId, externalUserId }: ChatConfig,
  server: string,
): Promise<ChatSession | NoSession> {
  const sessions = `${server}/webchat/sessions`;
  try {
    const answer = await post(sessions, { clientId, channelId, externalUserId });
    if (!answer.ok) return answer.status === 401 ? "refused" : "failed";
    const { session, ...rest }: SessionAnswer = await answer.json();
    return {
      ...rest,
      async say(text) {
        const said = await post(`${sessions}/${session}/lines`, { text });
        if (!said.ok) throw new Error(`The webchat answered ${said.status}.`);
        return said.json();
      },
      show: () => void post(`${sessions}/${session}/show`, {}).catch(() => {}),
      // It must go out even while the page is being left.
      end: () => void navigator.sendBeacon(`${sessions}/${session}/end`),
    };
  } catch {
    return "failed";
  }
}

function post(address: string, body: object): Promise<Response> {
  return fetch(address, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });
}

import { randomBytes } from "node:crypto";
import { z } from "zod/mini";
import { checked } from "../checked.ts";
import type { KnownContact } from "../contacts.ts";
import { Refusal } from "../refusal.ts";
import { type ChatUser, type JwtOption, readExternalUser } from "./external-user.ts";
import type { ChatLine, Tickets } from "./tickets.ts";

/** A session as its own browser gets it. Who has the `session` can write in it. */
export interface SessionAnswer {
  session: string;
  openedBy: ChatUser["openedBy"];
  name: string | null;
  lines: ChatLine[];
}

/** A session as the agent has it on the screen. */
export interface AgentSession {
  seq: number;
  openedBy: ChatUser["openedBy"];
  user: string | null;
  name: string | null;
  plan: string | null;
  last: ChatLine | null;
}

export interface WebchatOptions {
  /** The *JWT Secret*. Without it, the channel cannot be secured. */
  secret: string | undefined;
  idClaim: string;
  tickets: Tickets;
  contacts: () => KnownContact[];
  changed: () => void;
}

interface Session {
  seq: number;
  channelId: string;
  user: ChatUser;
  lines: ChatLine[];
  /** A page that was left before it had the answer cannot end its session: until it is shown, it is not there. */
  shown: boolean;
}

const openRequest = z.object({
  clientId: z.string().check(z.minLength(1)),
  channelId: z.uuid().check(z.toLowerCase()),
  externalUserId: z.nullish(z.string().check(z.minLength(1))),
});
const lineRequest = z.object({ text: z.string().check(z.trim(), z.minLength(1), z.maxLength(2000)) });

/** The webchat's sessions, and the conversations that outlive them: what it does, and nothing about HTTP. */
export function createWebchat({ secret: first, idClaim, tickets, contacts, changed }: WebchatOptions) {
  const sessions = new Map<string, Session>();
  const conversations = new Map<string, ChatLine[]>();
  let secret = first;
  let secured = secret !== undefined;
  let opened = 0;

  const jwtOption = (): JwtOption | null => (secured && secret !== undefined ? { secret, idClaim } : null);

  /** Whoever is taken for that user of the channel sees all that the user ever wrote. */
  const conversationOf = (channelId: string, id: string): ChatLine[] => {
    const key = JSON.stringify([channelId, id]);
    const known = conversations.get(key) ?? [...(Object.hasOwn(tickets, id) ? (tickets[id] ?? []) : [])];
    conversations.set(key, known);
    return known;
  };

  const contactOf = ({ channelId, user }: Session) =>
    contacts().find(
      ({ channel_id, external_user_id }) =>
        user.id !== null && external_user_id === user.id && channel_id?.toLowerCase() === channelId,
    );

  const nameOf = (session: Session) => contactOf(session)?.contact.name ?? session.user.name;

  const find = (id: string): Session => {
    const session = sessions.get(id);
    if (!session) throw new Refusal(404, "Session not found");
    return session;
  };

  return {
    /** @throws Refusal, and there is no session then */
    open(body: unknown): SessionAnswer {
      const { channelId, externalUserId } = checked(openRequest, body);
      const user = readExternalUser(externalUserId, jwtOption());
      const lines = user.id === null ? [] : conversationOf(channelId, user.id);
      const session: Session = { seq: ++opened, channelId, user, lines, shown: false };
      const id = randomBytes(24).toString("base64url");
      sessions.set(id, session);
      return { session: id, openedBy: user.openedBy, name: nameOf(session), lines };
    },

    /** The visitor has the chat on the screen. */
    show(id: string): void {
      find(id).shown = true;
      changed();
    },

    say(id: string, body: unknown): ChatLine {
      const { lines } = find(id);
      const line: ChatLine = {
        from: "customer",
        text: checked(lineRequest, body).text,
        at: new Date().toISOString(),
      };
      lines.push(line);
      changed();
      return line;
    },

    /** The page with the chat in it has been left. */
    end(id: string): void {
      find(id);
      sessions.delete(id);
      changed();
    },

    secured: () => secured,
    setSecured(next: boolean): void {
      if (next && secret === undefined) throw new Error("The channel has no JWT secret.");
      secured = next;
      changed();
    },

    setSecret(next: string): void {
      secret = next;
    },

    /** The open ones, the newest first. */
    sessions: (): AgentSession[] =>
      [...sessions.values()]
        .filter(({ shown }) => shown)
        .reverse()
        .map((session) => ({
          seq: session.seq,
          openedBy: session.user.openedBy,
          user: session.user.id,
          name: nameOf(session),
          plan: contactOf(session)?.fields.plan ?? null,
          last: session.lines.at(-1) ?? null,
        })),
  };
}

export type Webchat = ReturnType<typeof createWebchat>;

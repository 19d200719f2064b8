import { type Context, Hono } from "hono";
import type { KnownContact } from "./contacts.ts";
import { type Fault, isFault } from "./faults.ts";
import type { Upsert } from "./feed.ts";
import type { AgentSession } from "./webchat/sessions.ts";

/** What there is to see, as `GET /view` and each event of `GET /view/events` have it. */
export interface View {
  fault: Fault;
  contacts: KnownContact[];
  /** Keys of the custom fields whose value names one customer. */
  identifiers: readonly string[];
  upserts: Upsert[];
  /** The chat takes signed tokens alone. */
  chatSecured: boolean;
  chatSessions: AgentSession[];
}

interface Watched {
  contacts(): KnownContact[];
  deleteCustomer(id: string): boolean;
  identifiers: readonly string[];
  upserts(): Upsert[];
  fault(): Fault;
  setFault(fault: Fault): void;
  chatSecured(): boolean;
  chatSessions(): AgentSession[];
  watch(tell: () => void): () => void;
}

const MOST_UPSERTS = 60;
const MOST_SESSIONS = 5;

/**
 * The window into the stand-in, the switches for its faults, and a way to delete a customer. Vambe has nothing like
 * it: it belongs to the demo, and only the demo's own page may use it.
 */
export function createView(vambe: Watched, viewOrigin: string) {
  const app = new Hono();
  const view = (): View => ({
    fault: vambe.fault(),
    contacts: vambe.contacts(),
    identifiers: vambe.identifiers,
    upserts: vambe.upserts().slice(-MOST_UPSERTS),
    chatSecured: vambe.chatSecured(),
    chatSessions: vambe.chatSessions().slice(0, MOST_SESSIONS),
  });

  const onlyTheDemo = async (c: Context, next: () => Promise<void>): Promise<Response | undefined> => {
    const origin = c.req.header("origin");
    if (origin && origin !== viewOrigin) return c.text("This view belongs to the demo's own page.", 403);
    c.header("Access-Control-Allow-Origin", viewOrigin);
    c.header("Access-Control-Allow-Headers", "content-type");
    c.header("Vary", "Origin");
    c.header("Cache-Control", "no-store");
    if (c.req.method === "OPTIONS") return c.body(null, 204);
    await next();
    return undefined;
  };
  app.use("/view/*", onlyTheDemo);
  app.use("/control/*", onlyTheDemo);

  app.get("/view", (c) => c.json(view()));

  app.get("/view/events", (c) => {
    const encoder = new TextEncoder();
    let stop = () => {};
    const events = new ReadableStream<Uint8Array>({
      start(controller) {
        const send = () => controller.enqueue(encoder.encode(`data: ${JSON.stringify(view())}\n\n`));
        stop = vambe.watch(send);
        send();
      },
      cancel: () => stop(),
    });
    return c.body(events, 200, { "Content-Type": "text/event-stream" });
  });

  const member = async (c: Context, name: string): Promise<unknown> =>
    Object(await c.req.json().catch(() => null))[name];

  app.post("/control/fault", async (c) => {
    const fault = await member(c, "fault");
    if (!isFault(fault)) return c.json({ error: "no such fault" }, 400);
    vambe.setFault(fault);
    return c.json({ fault });
  });

  app.post("/control/delete", async (c) => {
    const customer = String(await member(c, "customer"));
    if (!vambe.deleteCustomer(customer)) return c.json({ error: "no such customer" }, 404);
    return c.json({ customer });
  });

  return app;
}

import { type Context, Hono } from "hono";
import { type Language, pageFile, renderPage } from "./page.ts";
import { createPeople, isPlan, type Person } from "./people.ts";
import { signProof } from "./proof.ts";
import { createSessions } from "./sessions.ts";

export interface SiteOptions {
  url: string;
  exchangeUrl: string;
  vambeUrl: string;
  identitySecret: string;
  chat: ChatSecurity;
  /** Has the exchange send everybody again. */
  resendAll(): Promise<void>;
}

/** Whether the chat takes signed tokens alone, at Vambe and at the exchange. */
export interface ChatSecurity {
  secured(): boolean;
  setSecured(secured: boolean): Promise<void>;
}

/** Brújula, a made-up parcel tracker: the customer's site, with a login of its own. */
export function createSite({ url, exchangeUrl, vambeUrl, identitySecret, chat, resendAll }: SiteOptions) {
  const people = createPeople();
  const sessions = createSessions();
  const app = new Hono();

  const signedIn = (c: Context): Person | undefined => people.get(sessions.userId(c) ?? "");

  const me = async (person: Person | undefined) =>
    person ? { user: { ...person, proof: await signProof(person, identitySecret) } } : { user: null };

  app.use(async (c, next) => {
    if (c.req.method === "GET" && new URL(c.req.url).host !== new URL(url).host) {
      return c.redirect(new URL(c.req.path, url).href); // one origin: the one that the exchange allows
    }
    await next();
    c.header("Cache-Control", "no-store");
    return undefined;
  });

  app.get("/", (c) => {
    const person = signedIn(c);
    const facts = { people: [...people.values()], person, chatSecured: chat.secured() };
    return c.html(renderPage({ exchangeUrl, vambeUrl, language: languageOf(c), ...facts }));
  });

  app.get("/me", async (c) => c.json(await me(signedIn(c))));

  app.post("/login", async (c) => {
    const person = people.get(String((await readJson(c)).user));
    if (!person) return c.json({ error: "There is no such user." }, 401);
    sessions.begin(c, person.id);
    return c.json(await me(person));
  });

  app.post("/logout", (c) => {
    sessions.end(c);
    return c.body(null, 204);
  });

  app.post("/plan", async (c) => {
    const person = signedIn(c);
    if (!person) return c.json({ error: "Log in first." }, 401);
    const { plan } = await readJson(c);
    if (plan !== null && !isPlan(plan)) return c.json({ error: "There is no such plan." }, 400);
    person.plan = plan;
    return c.json(await me(person));
  });

  /** No site has this: it is the demo's own switch. */
  app.post("/chat-security", async (c) => {
    const { secured } = await readJson(c);
    if (typeof secured !== "boolean") return c.json({ error: "Say true or false." }, 400);
    await chat.setSecured(secured);
    return c.json({ secured });
  });

  /** Nor this: an operator runs the command. */
  app.post("/resend", async (c) => {
    await resendAll();
    return c.body(null, 204);
  });

  app.get("/page/:file", (c) => {
    const file = pageFile(c.req.param("file"));
    return file ? c.body(file.content, 200, { "Content-Type": file.type }) : c.notFound();
  });

  return app;
}

function languageOf(c: Context): Language | undefined {
  return (["es", "pt", "en"] as const).find((language) => language === c.req.query("lang"));
}

async function readJson(c: Context): Promise<Record<string, unknown>> {
  const body: unknown = await c.req.json().catch(() => null);
  return typeof body === "object" && body !== null ? { ...body } : {};
}

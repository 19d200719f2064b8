import { type Context, Hono } from "hono";
import { readPageFolder } from "../../page-folder.ts";
import { Refusal } from "../refusal.ts";
import type { Webchat } from "./sessions.ts";

const files = readPageFolder(new URL("./page/", import.meta.url));

/** The webchat's script for any site, and its sessions for the pages of one: “Restringir por origen”. */
export function createWebchatRoutes(webchat: Webchat, siteOrigin: string) {
  const app = new Hono();

  const serve = (c: Context, name: string) => {
    const file = files.get(name);
    if (!file) return c.notFound();
    const headers = { "Content-Type": file.type, "Cache-Control": "no-store" };
    return c.body(file.content, 200, { ...headers, "Access-Control-Allow-Origin": "*" });
  };
  app.get("/webchat.js", (c) => serve(c, "webchat.ts"));
  app.get("/webchat/page/:file", (c) => serve(c, c.req.param("file")));

  app.use("/webchat/sessions/*", async (c, next) => {
    const origin = c.req.header("origin");
    if (origin && origin !== siteOrigin) return c.text("The chat belongs to another site.", 403);
    if (c.req.method === "OPTIONS") c.res = c.body(null, 204);
    else await next();
    c.header("Access-Control-Allow-Origin", siteOrigin);
    c.header("Access-Control-Allow-Headers", "content-type");
    c.header("Vary", "Origin");
    c.header("Cache-Control", "no-store");
    return undefined;
  });

  const json = (c: Context): Promise<unknown> => c.req.json().catch(() => undefined);
  app.post("/webchat/sessions", async (c) => c.json(webchat.open(await json(c)), 201));
  app.post("/webchat/sessions/:id/lines", async (c) =>
    c.json(webchat.say(c.req.param("id"), await json(c)), 201),
  );
  for (const step of ["show", "end"] as const) {
    app.post(`/webchat/sessions/:id/${step}`, (c) => {
      webchat[step](c.req.param("id"));
      return c.body(null, 204);
    });
  }

  app.onError((error) => {
    if (error instanceof Refusal) return error.toResponse();
    throw error;
  });
  return app;
}

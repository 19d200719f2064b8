import { type Context, Hono } from "hono";
import type { Parts } from "../identify.ts";
import { Problem } from "../problems.ts";
import { type Call, callOf, responseOf } from "./call.ts";
import { PREFLIGHT_HEADERS } from "./cors.ts";
import { readiness } from "./endpoint/health.ts";
import type { IdentifyCalls } from "./endpoint/identify.ts";
import { isProblemSlug, PROBLEM_PAGE_POLICY, problemPage } from "./endpoint/problem-page.ts";
import { serveWidgetFile, type WidgetFiles } from "./endpoint/widget-files.ts";
import { always, type PageAnswers, PRIVATE } from "./page-answers.ts";
import { basePathOf, pathBelow } from "./path.ts";

/** What the server in front knows of a request beside its headers. */
export interface Connection {
  /** The other end's IP address. */
  address?: string | undefined;
}

type Env = { Bindings: { call: Call } };

const POSTED = ["/identify", "/token"];

/** The routes, as a standard handler. */
export function createApp(parts: Parts, answers: PageAnswers, calls: IdentifyCalls, widget: WidgetFiles) {
  const basePath = basePathOf(parts.settings.publicUrl);
  const app = new Hono<Env>({ getPath: (_, options) => callIn(options).path });

  for (const path of POSTED) {
    app.options(path, (c) => {
      answers.origins.check(c.env.call);
      return c.body(null, 204, { ...answers.headersFor(c.env.call), ...PREFLIGHT_HEADERS });
    });
  }
  app.post("/identify", async (c) => responseOf(await calls.identify(c.env.call)));
  app.post("/token", async (c) => responseOf(await calls.token(c.env.call)));

  for (const [name, file] of widget) {
    app.get(`/${name}`, (c) => serveWidgetFile(file, c.req.raw, always(c.env.call)));
  }
  app.get("/integrity.json", (c) =>
    c.json(Object.fromEntries([...widget].map(([name, { integrity }]) => [name, integrity])), 200, {
      ...always(c.env.call),
      "access-control-allow-origin": "*",
      "cache-control": "no-cache",
    }),
  );
  app.get("/.well-known/jwks.json", async (c) =>
    c.json(await parts.tokens.jwks(), 200, {
      ...always(c.env.call),
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=30",
    }),
  );

  app.get("/livez", (c) => c.json({ status: "alive" }, 200, { ...always(c.env.call), ...PRIVATE }));
  app.get("/readyz", async (c) => {
    const headers = { ...always(c.env.call), ...PRIVATE };
    try {
      return c.json(await readiness(parts.ledger, parts.courier), 200, headers);
    } catch (error) {
      parts.log.error("the ledger cannot be read", { cause: error });
      const reason = "the database cannot be read";
      return c.json({ status: "not ready", ledger: "failed", reason }, 503, headers);
    }
  });
  app.get("/problems/:slug", (c) => {
    const slug = c.req.param("slug");
    if (!isProblemSlug(slug)) throw new Problem("not-found", "There is no such problem.");
    return c.html(problemPage(slug), 200, {
      ...always(c.env.call),
      "content-security-policy": PROBLEM_PAGE_POLICY,
      "cache-control": "no-cache",
    });
  });

  const refuse = (c: Context<Env>, error: unknown) => responseOf(answers.toError(c.env.call, error));
  app.notFound((c) => refuse(c, nothingAt(c.env.call.path)));
  app.onError((error, c) => refuse(c, error));

  return async (request: Request, { address }: Connection): Promise<Response> =>
    app.fetch(request, { call: callOf(request, pathBelow(basePath, request.url), address) });
}

const nothingAt = (path: string) =>
  POSTED.includes(path)
    ? new Problem("method-not-allowed", "Identifies are posted.", { headers: { allow: "POST, OPTIONS" } })
    : new Problem("not-found", "There is nothing at this address.");

function callIn(options: { env?: Env["Bindings"] } | undefined): Call {
  if (!options?.env) throw new Error("a request has come without its call");
  return options.env.call;
}

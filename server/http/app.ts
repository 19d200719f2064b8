import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { identify, type Parts } from "../identify.ts";
import { Problem } from "../problems.ts";
import type { IdentifyAnswer } from "../protocol.ts";
import type { Settings } from "../settings.ts";
import { mediaType, readJson, readText } from "./body.ts";
import { clientNetwork } from "./client-network.ts";
import { checkFetchMetadata } from "./fetch-metadata.ts";
import { checkIdentifyBody } from "./identify-body.ts";
import { AllowedOrigins, PREFLIGHT_HEADERS } from "./origin.ts";
import { isProblemSlug, PROBLEM_PAGE_POLICY, problemPage } from "./problem-page.ts";
import { problemLogFields, problemResponse } from "./problem-response.ts";
import { readiness } from "./readiness.ts";
import { readTokenRequest, tokenAnswer, tokenRefusal } from "./token-exchange.ts";
import { serveWidgetFile, type WidgetFiles } from "./widget-files.ts";

/** What the server in front knows of a request beside its headers. */
export interface Connection {
  /** The other end's IP address. */
  address?: string | undefined;
}

type Env = { Bindings: Connection; Variables: { requestId: string; startedAt: number } };

/** On every answer that is made for one caller. */
const PRIVATE = { "cache-control": "no-store", vary: "Origin" };

/** The routes. Each answer is made here, the errors included; what they mean is decided elsewhere. */
export function createApp(parts: Parts, widget: WidgetFiles): Hono<Env> {
  const { settings, log } = parts;
  const origins = new AllowedOrigins(settings.allowedOrigins, takesCookies(settings));
  const basePath = new URL(settings.publicUrl).pathname.replace(/\/$/, "");
  const app = new Hono<Env>({ getPath: (request) => pathBelow(basePath, request.url) });

  app.use(async (c, next) => {
    c.set("requestId", randomUUID());
    c.set("startedAt", performance.now());
    await next();
    // Not `c.header`, which by now would read the body into a new response.
    c.res.headers.set("x-content-type-options", "nosniff");
    c.res.headers.set("x-request-id", c.get("requestId"));
  });

  for (const path of ["/identify", "/token"]) {
    app.options(path, (c) => {
      origins.check(c.req.raw);
      return c.body(null, 204, { ...PRIVATE, ...origins.headersFor(c.req.raw), ...PREFLIGHT_HEADERS });
    });
  }
  app.post("/identify", async (c) => {
    const origin = origins.check(c.req.raw);
    const limits = await admit(c);
    const { body, unknownTraits } = checkIdentifyBody(await readJson(c.req.raw));
    const answer = await identify(parts, {
      body,
      unknownTraits,
      request: c.req.raw,
      origin,
      requestId: c.get("requestId"),
    });
    noteIdentified(c, answer);
    return c.json(answer, 200, { ...PRIVATE, ...limits, ...origins.headersFor(c.req.raw) });
  });

  app.post("/token", async (c) => {
    const request = c.req.raw;
    const requestId = c.get("requestId");
    const headers = { ...PRIVATE, ...origins.headersFor(request) };
    try {
      // A client that is no browser sends no Origin. It has to bring a proof all the same.
      const origin = request.headers.has("origin") ? origins.check(request) : undefined;
      const limits = await admit(c);
      const asked = readTokenRequest(
        mediaType(request),
        await readText(request),
        origin,
        settings.allowedOrigins,
      );
      const answer = await identify(parts, { ...asked, request, requestId });
      noteIdentified(c, answer);
      return c.json(tokenAnswer(answer, asked.tokenType), 200, { ...headers, ...limits, pragma: "no-cache" });
    } catch (error) {
      const refusal = tokenRefusal(error, settings.publicUrl, requestId);
      if (!refusal) throw error;
      log.warn("refused", { ...about(c), status: refusal.status, problem: refusal.problem });
      return c.json(refusal.body, refusal.status, { ...headers, ...refusal.headers });
    }
  });

  for (const [name, file] of widget) app.get(`/${name}`, (c) => serveWidgetFile(file, c.req.raw));
  app.get("/integrity.json", (c) =>
    c.json(Object.fromEntries([...widget].map(([name, { integrity }]) => [name, integrity])), 200, {
      "access-control-allow-origin": "*",
      "cache-control": "no-cache",
    }),
  );
  app.get("/.well-known/jwks.json", async (c) =>
    c.json(await parts.tokens.jwks(), 200, {
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=30",
    }),
  );

  app.get("/livez", (c) => c.json({ status: "alive" }, 200, PRIVATE));
  app.get("/readyz", async (c) => {
    try {
      return c.json(await readiness(parts.ledger, parts.courier), 200, PRIVATE);
    } catch (error) {
      log.error("the ledger cannot be read", { cause: error });
      const reason = "the database cannot be read";
      return c.json({ status: "not ready", ledger: "failed", reason }, 503, PRIVATE);
    }
  });
  app.get("/problems/:slug", (c) => {
    const slug = c.req.param("slug");
    if (!isProblemSlug(slug)) throw new Problem("not-found", "There is no such problem.");
    return c.html(problemPage(slug), 200, {
      "content-security-policy": PROBLEM_PAGE_POLICY,
      "cache-control": "no-cache",
    });
  });

  for (const path of ["/identify", "/token"]) {
    app.all(path, () => {
      throw new Problem("method-not-allowed", "Identifies are posted.", {
        headers: { allow: "POST, OPTIONS" },
      });
    });
  }
  app.notFound((c) => answerProblem(c, new Problem("not-found", "There is nothing at this address.")));
  app.onError((error, c) => {
    if (error instanceof Problem) return answerProblem(c, error);
    log.error("internal error", { ...about(c), cause: error });
    return answerProblem(c, new Problem("internal-error", "Something went wrong in the exchange."));
  });

  function answerProblem(c: Context<Env>, problem: Problem): Response {
    if (problem.slug !== "not-found")
      log.warn("refused", { ...about(c), ...problemLogFields(problem, c.req.raw) });
    return problemResponse(problem, settings.publicUrl, c.get("requestId"), {
      ...PRIVATE,
      ...origins.headersFor(c.req.raw),
    });
  }

  /** Lets a request in that a script made, unless there were too many. Returns the headers that tell how many are left. */
  function admit(c: Context<Env>): Promise<Record<string, string>> {
    checkFetchMetadata(c.req.raw);
    const forwardedFor = c.req.header("x-forwarded-for") ?? null;
    return parts.perAddress.count(clientNetwork(c.env?.address, forwardedFor, settings.trustProxy));
  }

  function noteIdentified(c: Context<Env>, { status, user }: IdentifyAnswer): void {
    log.info("identified", { ...about(c), status: 200, delivery: status, verified: user.verified });
  }

  return app;
}

/** Whether pages may send the visitor's cookies along: only where something here looks at them. */
const takesCookies = ({ sessionUrl, authenticate }: Settings) =>
  sessionUrl !== undefined || authenticate !== undefined;

const about = (c: Context<Env>) => ({
  request_id: c.get("requestId"),
  method: c.req.method,
  route: c.req.path.slice(0, 64),
  duration_ms: Math.round(performance.now() - c.get("startedAt")),
});

/** The path below the public URL's own, whether or not a proxy in front has taken that off. */
function pathBelow(basePath: string, url: string): string {
  const from = url.indexOf("/", url.indexOf("//") + 2);
  const path = from < 0 ? "/" : (url.slice(from).split(/[?#]/, 1)[0] ?? "/");
  return basePath && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}

import { randomUUID } from "node:crypto";
import { createLog, type Log } from "../log.ts";
import type { ExchangeOptions } from "../settings/exchange-options.ts";
import { writeLine } from "../standard-output.ts";
import { asVisited, type RouteContext } from "./as-visited.ts";
import { outside, rememberRequest } from "./async-context.ts";
import { type Place, placeOf } from "./held-exchange.ts";

/** What `app/identity/[...path]/route.ts` exports. */
export type RouteHandlers = Record<
  "GET" | "HEAD" | "POST" | "OPTIONS",
  (request: Request, context?: RouteContext) => Promise<Response>
>;

/**
 * The exchange as route handlers of Next.js's App Router, for `app/identity/[...path]/route.ts`. The settings come from
 * the environment; `more` goes before it, and `authenticate` may use `cookies()` and `headers()` of Next.js.
 *
 * Nothing is read or opened before the first request, so `next build` needs no settings and makes no database. There is
 * one exchange in a process, whichever route asked for it first, and a hot reload keeps it: one that changed the
 * settings closes it and opens another. Next.js compresses by itself (`compress` is `false`).
 *
 * Never throws, and the handlers never reject: with settings that are wrong they answer 500, and the log names all of
 * them, once.
 */
export function createRouteHandlers(
  more: Partial<ExchangeOptions> = {},
  { log = createLog(writeLine) }: { log?: Log } = {},
): RouteHandlers {
  const place: Place = placeOf(globalThis);
  place.newest = { more, log };
  const handle = async (request: Request, context?: RouteContext): Promise<Response> => {
    const opened = await outside(() => place.exchange());
    if (!opened) return notSetUp();
    const asked = await asVisited(request, context, opened.publicUrl);
    rememberRequest(asked);
    return outside(() => opened.exchange.fetch(asked));
  };
  return { GET: handle, HEAD: handle, POST: handle, OPTIONS: handle };
}

/** Without settings nothing is known of where the exchange's own pages about problems are. */
function notSetUp(): Response {
  const problem = {
    type: "about:blank",
    title: "The exchange is not set up",
    status: 500,
    detail: "Its settings need mending. The server's log names them.",
    request_id: randomUUID(),
  };
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
  return new Response(JSON.stringify(problem), { status: 500, headers });
}

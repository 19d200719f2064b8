import { randomUUID } from "node:crypto";
import type { Log } from "../../log.ts";
import { Problem } from "../../problems.ts";
import type { Settings } from "../../settings/check-settings.ts";
import type { Connection } from "../../types.ts";
import { type Answer, type Call, newCall } from "../call.ts";
import type { AnswerCall } from "../core.ts";
import { basePathOf, pathBelow, queryOf } from "../path.ts";
import { problemAnswer } from "../problem-answer.ts";
import { bytesOf } from "./fetch-body.ts";

type OfSettings = Pick<Settings, "publicUrl" | "trustProxy" | "rateLimit">;

/** The edge for hosts that speak `Request` and `Response`. What it returns never rejects. */
export function createFetchHandler(answer: AnswerCall, settings: OfSettings, log: Log) {
  const basePath = basePathOf(settings.publicUrl);
  const noteNoAddress = oneWarning(settings, log);
  return async (request: Request, { address }: Connection = {}): Promise<Response> => {
    if (address === undefined) noteNoAddress();
    try {
      return responseTo(request, await answer(callOf(request, basePath, address)));
    } catch (error) {
      log.error("internal error", { cause: error });
      return failure(settings.publicUrl);
    }
  };
}

function responseTo(request: Request, { status, headers, setCookies = [], body }: Answer): Response {
  const response = new Response(request.method === "HEAD" ? null : (body ?? null), { status, headers });
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  return response;
}

/** Where not even the answer could be put into a `Response`, or what came is no `Request`. */
function failure(publicUrl: string): Response {
  const problem = new Problem("internal-error", "Something went wrong in the exchange.");
  const {
    body = null,
    status,
    headers,
  } = problemAnswer(problem, publicUrl, randomUUID(), {
    "cache-control": "no-store",
  });
  return new Response(body, { status, headers });
}

/** A host that knows the address and does not say it has no limit by address, and would not notice. */
function oneWarning({ rateLimit, trustProxy }: OfSettings, log: Log): () => void {
  let said = rateLimit === 0 || trustProxy > 0;
  return () => {
    if (said) return;
    said = true;
    log.warn(
      "requests come without the visitor's address, so no limit counts by address: pass it on, exchange.fetch(request, { address }), or where a proxy writes X-Forwarded-For set VAMBE_TRUST_PROXY (trustProxy)",
    );
  };
}

const callOf = (request: Request, basePath: string, address: string | undefined): Call => ({
  ...newCall(),
  method: request.method,
  path: pathBelow(basePath, request.url),
  query: () => queryOf(request.url),
  headers: request.headers,
  bytes: (most) => bytesOf(request, most),
  request: () => request,
  address,
});

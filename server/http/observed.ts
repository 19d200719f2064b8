import { version } from "#built-in";
import { type Answered, NO_ORIGIN, OTHER_ORIGIN, OTHER_ROUTE, type Tell } from "../observer.ts";
import type { Call } from "./call.ts";
import type { AnswerCall } from "./core.ts";
import type { AllowedOrigins } from "./cors.ts";

const METHODS = new Map<string, Answered["method"]>(
  (["GET", "HEAD", "POST", "OPTIONS"] as const).map((method) => [method, method]),
);

/**
 * Tells of each answer.
 * @param paths all that there is something at: what a request asks for beside them has no name of its own
 */
export function observed(
  answer: AnswerCall,
  {
    paths,
    origins,
    tell,
  }: { paths: Iterable<string>; origins: AllowedOrigins; tell: Pick<Tell, "answered"> },
): AnswerCall {
  const routes = new Map([...paths].map((path) => [path, routeOf(path)]));
  return async (call) => {
    const answered = await answer(call);
    tell.answered({
      method: METHODS.get(call.method) ?? "other",
      route: routes.get(call.path) ?? OTHER_ROUTE,
      status: answered.status,
      problem: answered.problem,
      durationMs: performance.now() - call.startedAt,
      requestId: call.id,
      origin: originOf(call, origins),
    });
    return answered;
  };
}

/** One name for all of a kind, also after an update. */
const routeOf = (path: string) =>
  path.startsWith("/problems/") ? "/problems/{slug}" : path.replace(`-${version}.js`, "-{version}.js");

function originOf({ headers }: Call, allowed: AllowedOrigins): string {
  const origin = headers.get("origin");
  if (origin === null) return NO_ORIGIN;
  return allowed.allows(origin) ? origin : OTHER_ORIGIN;
}

import { Problem } from "../problems.ts";
import type { Endpoint } from "./call.ts";
import type { AnswerCall, Routes } from "./core.ts";
import { notReady } from "./endpoint/health.ts";
import { LEDGER_ROUTES, routesWithoutLedger, type WithoutLedger } from "./routes.ts";

/** Nothing is counted while there is no database: what would be is refused, or handed on to an exchange that counts. */
export const countsNothing = {
  attempt: async () => {},
  refusal: async (_: unknown, error: unknown) => error,
};

/**
 * What an exchange answers that is not open: the widget and what else needs no database at once, the rest as the open
 * exchange does, as soon as it is.
 * @param whenOpen rejects where it cannot be opened now
 */
export function waitingRoutes(parts: WithoutLedger, whenOpen: () => Promise<{ answer: AnswerCall }>): Routes {
  const handOn =
    (otherwise: Endpoint): Endpoint =>
    async (call) => {
      const opened = await whenOpen().catch(() => undefined);
      return opened ? opened.answer(call) : otherwise(call);
    };
  const toWait = LEDGER_ROUTES.map((route): [string, Endpoint] => [
    route,
    handOn(route === "GET /readyz" ? notReady("the database cannot be opened") : refuse),
  ]);
  return new Map([...routesWithoutLedger(parts), ...toWait]);
}

const refuse = () => {
  throw new Problem("storage-unavailable", "The exchange cannot open its database.", {
    headers: { "retry-after": "5" },
  });
};

import type { Endpoint } from "../call.ts";
import { PREFLIGHT_HEADERS } from "../cors.ts";
import type { PageAnswers } from "../page-answers.ts";

/** `OPTIONS` of what pages post to. */
export const preflight =
  (answers: PageAnswers): Endpoint =>
  (call) => {
    answers.origins.check(call);
    return { status: 204, headers: { ...answers.headersFor(call), ...PREFLIGHT_HEADERS } };
  };

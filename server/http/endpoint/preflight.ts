import type { Endpoint } from "../call.ts";
import { PREFLIGHT_HEADERS } from "../cors.ts";
import { always, type PageAnswers } from "../page-answers.ts";

/** `OPTIONS` of what pages post to. */
export const preflight =
  (answers: PageAnswers): Endpoint =>
  (call) => {
    answers.origins.check(call);
    return { status: 204, headers: { ...answers.headersFor(call), ...PREFLIGHT_HEADERS } };
  };

/** `OPTIONS /`: what HAProxy asks by itself to learn whether somebody is there. */
export const options: Endpoint = (call) => ({
  status: 204,
  headers: { ...always(call), allow: "GET, HEAD, OPTIONS" },
});

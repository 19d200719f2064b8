import { Problem } from "../problems.ts";
import type { Admission } from "./admission/admission.ts";
import type { Answer, Call, Endpoint } from "./call.ts";
import type { PageAnswers } from "./page-answers.ts";

/** `METHOD /path` → what answers there. */
export type Routes = ReadonlyMap<string, Endpoint>;

/** Rejects never: an error is an answer too. */
export type AnswerCall = (call: Call) => Promise<Answer>;

/**
 * The core between the edges and the endpoints: finds the endpoint, counts all but what everybody may fetch, and turns
 * whatever is thrown into a problem.
 */
export function createCore(
  routes: Routes,
  answers: PageAnswers,
  admission: Pick<Admission, "attempt" | "refusal">,
): AnswerCall {
  const reach = async (call: Call): Promise<Answer> => {
    try {
      if (call.fault) throw call.fault;
      // The answer to a HEAD is that to a GET; the edges leave its body out.
      const method = call.method === "HEAD" ? "GET" : call.method;
      const endpoint = routes.get(`${method} ${call.path}`);
      if (endpoint && method === "GET") return await endpoint(call);
      await admission.attempt(call);
      return await (endpoint ?? refuse(routes))(call);
    } catch (error) {
      const status = error instanceof Problem ? error.status : 500;
      return answers.toError(call, await admission.refusal(call, error, status));
    }
  };
  return async (call) => {
    const answer = await reach(call);
    const headers = { ...answers.onEvery, ...answer.headers };
    return { ...answer, headers, setCookies: call.setCookies };
  };
}

const refuse =
  (routes: Routes): Endpoint =>
  ({ path }) => {
    throw routes.has(`POST ${path}`)
      ? new Problem("method-not-allowed", "Identifies are posted.", { headers: { allow: "POST, OPTIONS" } })
      : new Problem("not-found", "There is nothing at this address.");
  };

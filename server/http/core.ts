import { Problem } from "../problems.ts";
import type { Answer, Call, Endpoint } from "./call.ts";
import type { PageAnswers } from "./page-answers.ts";

/** `METHOD /path` → what answers there. */
export type Routes = ReadonlyMap<string, Endpoint>;

/** Rejects never: an error is an answer too. */
export type AnswerCall = (call: Call) => Promise<Answer>;

/** The core between the edges and the endpoints: finds the endpoint, and turns whatever is thrown into a problem. */
export const createCore =
  (routes: Routes, answers: PageAnswers): AnswerCall =>
  async (call) => {
    try {
      // The answer to a HEAD is that to a GET; the edges leave its body out.
      const endpoint = routes.get(`${call.method === "HEAD" ? "GET" : call.method} ${call.path}`);
      return await (endpoint ?? refuse(routes))(call);
    } catch (error) {
      return answers.toError(call, error);
    }
  };

const refuse =
  (routes: Routes): Endpoint =>
  ({ path }) => {
    throw routes.has(`POST ${path}`)
      ? new Problem("method-not-allowed", "Identifies are posted.", { headers: { allow: "POST, OPTIONS" } })
      : new Problem("not-found", "There is nothing at this address.");
  };

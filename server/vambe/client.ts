import { answerOf } from "./answer.ts";
import type { Upsert } from "./contract.ts";
import { readUpTo } from "./read-up-to.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import { wordsIn } from "./words.ts";

export interface VambeClient {
  /**
   * Never rejects: every outcome is a verdict.
   * @param whole what there is to know of the contact, where `body` is a part: nothing of it is in the verdict's words
   */
  upsert(body: Upsert, whole?: Upsert): Promise<Verdict>;
}

const PATH = "/api/public/customer/upsert/info";
/** The whole call, headers and body, in milliseconds. */
const DEADLINE_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Talks to Vambe's API. The key is held here and goes to `apiUrl` alone: redirects are not followed. */
export function createVambeClient({
  apiUrl,
  apiKey,
  deadlineMs = DEADLINE_MS,
}: {
  apiUrl: string;
  apiKey: string;
  deadlineMs?: number;
}): VambeClient {
  return {
    async upsert(body, whole = body) {
      let response: Response;
      try {
        response = await fetch(apiUrl + PATH, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json", "x-api-key": apiKey },
          body: JSON.stringify(body),
          redirect: "manual",
          signal: AbortSignal.timeout(deadlineMs),
        });
      } catch (error) {
        return { kind: "failed", cause: errorCode(error) };
      }
      // Past this line the status is known, and a body that stops half-way takes nothing back.
      const answer = answerOf(response, await readUpTo(response, MAX_ANSWER_BYTES));
      return verdictOf(answer, body, wordsIn(answer, whole, apiKey));
    },
  };
}

/** `ECONNREFUSED`, `TimeoutError` …: enough for an operator, and free of what was sent. The innermost says why. */
export function errorCode(error: unknown): string {
  let code = error instanceof Error ? error.name : "unknown";
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") code = cause.code;
    const proxy = /^Proxy response \((\d{3})\)/.exec(cause.message)?.[1];
    if (proxy) return `a proxy answers ${proxy}`;
  }
  return code;
}

import { type Answer, answerOf } from "./answer.ts";
import { readUpTo } from "./read-up-to.ts";

/** The whole call, headers and body, in milliseconds. */
const DEADLINE_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Whose API is called. The key is held here and goes to `apiUrl` alone. */
export interface Account {
  apiUrl: string;
  apiKey: string;
  /** Of one call, in milliseconds. */
  deadlineMs?: number | undefined;
}

/** One call of Vambe's API. */
export interface ApiCall {
  method: "GET" | "POST";
  path: string;
  /** Sent as JSON. */
  body?: unknown;
}

/** No answer: an error code such as `ECONNREFUSED`, never a message. */
export interface NoAnswer {
  cause: string;
}

/**
 * Makes one call of Vambe's API. Redirects are not followed. Rejects never.
 * @param signal ends it before its deadline
 */
export const ask = (
  { apiUrl, apiKey, deadlineMs = DEADLINE_MS }: Account,
  { method, path, body }: ApiCall,
  signal?: AbortSignal,
): Promise<Answer | NoAnswer> => {
  const headers = {
    accept: "application/json",
    "x-api-key": apiKey,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const json = body === undefined ? null : JSON.stringify(body);
  return answerTo(apiUrl + path, { method, headers, body: json }, deadlineMs, signal);
};

/**
 * What answers a request, whole or as much of it as is worth reading. Redirects are not followed. Rejects never.
 * @param deadlineMs headers and body, in milliseconds
 * @param signal ends it before its deadline
 */
export async function answerTo(
  url: string,
  request: Pick<RequestInit, "method" | "headers" | "body">,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<Answer | NoAnswer> {
  const deadline = AbortSignal.timeout(deadlineMs);
  let response: Response;
  try {
    response = await fetch(url, {
      ...request,
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  } catch (error) {
    return { cause: errorCode(error) };
  }
  // Past this line the status is known, and a body that stops half-way takes nothing back.
  return answerOf(response, await readUpTo(response, MAX_ANSWER_BYTES));
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

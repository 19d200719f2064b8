import type { ReadBody } from "./read-up-to.ts";

/** What came back over the wire. */
export interface Answer extends ReadBody {
  status: number;
  /** Of the body, parsed; `undefined` where it is not JSON. */
  json: unknown;
  /** Whether it calls itself a web page. */
  isPage: boolean;
  retryAfter: string | null;
  /** Where a redirect leads, without the path: that may hold anything. */
  leadsTo: string | undefined;
}

export function answerOf(response: Response, { text, complete }: ReadBody): Answer {
  return {
    status: response.status,
    text: text.trim(),
    complete,
    json: parseJson(text.trim()),
    isPage: /\bx?html\b/i.test(response.headers.get("content-type") ?? ""),
    retryAfter: response.headers.get("retry-after"),
    leadsTo: originOf(response.headers.get("location"), response.url),
  };
}

/**
 * Whether a 2xx means that the upsert has happened. A body that is neither JSON nor empty comes from somebody else:
 * one upsert too many changes nothing at Vambe, but one that never happened costs the contact. JSON that breaks off
 * half-way was JSON.
 */
export function isFromVambe(answer: Answer): boolean {
  const { text, json } = answer;
  return json !== undefined || (!isWebPage(answer) && (text === "" || /^[{[]/.test(text)));
}

/** Whether it is a page that somebody on the way has written for people: Vambe's API speaks JSON. */
export function isWebPage({ text, complete, json, isPage }: Answer): boolean {
  if (json !== undefined) return false;
  return text.startsWith("<") || (isPage && !(text === "" && complete));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function originOf(location: string | null, base: string): string | undefined {
  return location !== null && URL.canParse(location, base) ? new URL(location, base).origin : undefined;
}

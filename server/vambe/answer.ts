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
export function isFromVambe({ text, complete, json, isPage }: Answer): boolean {
  if (json !== undefined) return true;
  if (isPage) return text === "" && complete;
  return text === "" || /^[{[]/.test(text);
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

import type { Settings } from "../../settings/check-settings.ts";
import { answerOf } from "../../vambe/answer.ts";
import { PIPELINES } from "../../vambe/readings.ts";
import { wordsIn } from "../../vambe/words.ts";
import { NotTold } from "../limits.ts";
import { isPage, leadsTo, type Reached, reach } from "../reach.ts";

/** A call that reads. The key goes to `apiUrl` alone: redirects are not followed. @throws {Unreachable} */
export const readFrom = (
  { apiUrl, apiKey }: { apiUrl: string; apiKey: string },
  path: string,
  signal: AbortSignal,
): Promise<Reached> =>
  reach(apiUrl + path, "VAMBE_API_URL", {
    headers: { accept: "application/json", "x-api-key": apiKey },
    signal,
  });

/** The pipelines: every account may have them, and they change nothing. */
export function askPipelines({ apiUrl, apiKey }: Partial<Settings>, signal: AbortSignal): Promise<Reached> {
  if (apiUrl === undefined || apiKey === undefined)
    throw new NotTold("needs VAMBE_API_URL and VAMBE_API_KEY");
  return readFrom({ apiUrl, apiKey }, PIPELINES, signal);
}

/** Whether somebody else answers than Vambe's API, and how that shows. */
export function somebodyElse(reached: Reached): string | undefined {
  const { status } = reached;
  if (status >= 300 && status < 400) return `it leads to ${leadsTo(reached)}`;
  if (isPage(reached)) return `a web page answers (${status})`;
  if (status === 404) return "it knows no pipelines (404)";
  return status < 300 && reached.json === undefined ? `its answer is not JSON (${status})` : undefined;
}

/** Vambe's own words of a refusal, without anything that was sent. */
export function wordsOf({ response, text }: Reached, apiKey: string): string {
  const nothingSent = { channel: "webchat", channel_id: "", external_user_id: "", meta_data: {} } as const;
  const words = wordsIn(answerOf(response, { text, complete: true }), nothingSent, apiKey);
  return words === undefined ? "" : `: ${words}`;
}

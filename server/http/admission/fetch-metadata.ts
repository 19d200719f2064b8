import { Problem } from "../../problems.ts";
import type { Call } from "../call.ts";

/**
 * Browsers say how a request came about (Fetch Metadata). Only a script's `fetch` identifies anyone; a form, a
 * navigation, an image or a frame does not. Other clients send no such headers.
 * @throws {Problem}
 */
export function checkFetchMetadata({ headers }: Pick<Call, "headers">): void {
  const mode = headers.get("sec-fetch-mode") ?? "cors";
  const dest = headers.get("sec-fetch-dest") ?? "empty";
  if (dest !== "empty" || (mode !== "cors" && mode !== "same-origin")) {
    throw new Problem("not-fetch", "The request was not made by a script's fetch.");
  }
}

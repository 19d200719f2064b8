import { Problem } from "../problems.ts";
import type { Call } from "./call.ts";

const MAX_BYTES = 32 * 1024;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The type of a request's body, without parameters, in lower case. */
export const mediaType = ({ headers }: Pick<Call, "headers">) =>
  headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();

/** @throws {Problem} */
export function checkIsJson(call: Pick<Call, "headers">): void {
  if (mediaType(call) !== "application/json") {
    throw new Problem("not-json", "The Content-Type must be application/json.");
  }
}

/** @throws {Problem} */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("malformed-json", "The body is not UTF-8 JSON.");
  }
}

/**
 * The body of a request as text, read no further than the limit.
 * @throws {Problem} naming what the sender has to change.
 */
export async function readText(call: Pick<Call, "bytes">): Promise<string> {
  const bytes = await call.bytes(MAX_BYTES).catch((error: unknown) => {
    throw error instanceof Problem ? error : new Problem("malformed-json", "The body broke off.");
  });
  if (bytes === undefined) throw tooLarge();
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Problem("malformed-json", "The body is not UTF-8.");
  }
}

const tooLarge = () => new Problem("body-too-large", `The body must be at most ${MAX_BYTES} bytes.`);

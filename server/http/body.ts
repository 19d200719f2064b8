import { Problem } from "../problems.ts";

const MAX_BYTES = 16 * 1024;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The type of a request's body, without parameters, in lower case. */
export const mediaType = (request: Request) =>
  request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();

/**
 * The body of a request as JSON.
 * @throws {Problem} naming what the sender has to change.
 */
export async function readJson(request: Request): Promise<unknown> {
  if (mediaType(request) !== "application/json") {
    throw new Problem("not-json", "The Content-Type must be application/json.");
  }
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("malformed-json", "The body is not UTF-8 JSON.");
  }
}

/**
 * The body of a request as text. Its size is known before it is read.
 * @throws {Problem} naming what the sender has to change.
 */
export async function readText(request: Request): Promise<string> {
  const length = request.headers.get("content-length");
  if (length === null || !/^\d+$/.test(length)) {
    throw new Problem("length-required", "The body must come with a Content-Length.");
  }
  if (Number(length) > MAX_BYTES) throw tooLarge();
  const bytes = await request.arrayBuffer().catch(() => {
    throw new Problem("malformed-json", "The body broke off.");
  });
  if (bytes.byteLength > MAX_BYTES) throw tooLarge();
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Problem("malformed-json", "The body is not UTF-8.");
  }
}

const tooLarge = () => new Problem("body-too-large", `The body must be at most ${MAX_BYTES} bytes.`);

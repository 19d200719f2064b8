import { Problem } from "../../problems.ts";
import { mediaType } from "../body.ts";
import type { Call } from "../call.ts";

/** What a body parser in front has left at a request: Express, Connect, Nest (`body`), Google's functions (`rawBody`). */
export interface ParsedBody {
  body?: unknown;
  rawBody?: unknown;
}

/** Somebody has read the body, and left nothing of it. */
export const bodyReadBefore = (): Problem =>
  new Problem(
    "internal-error",
    "The app that mounts the exchange has read the body before it: mount the exchange in front of what reads bodies.",
  );

/**
 * The bytes of a body that somebody has read and parsed.
 * @throws {Problem} where nothing of it was left
 */
export function bytesOfParsed({ body, rawBody }: ParsedBody, headers: Call["headers"]): Buffer {
  if (rawBody instanceof Uint8Array) return Buffer.from(rawBody);
  if (body instanceof Uint8Array) return Buffer.from(body);
  if (typeof body === "string") return Buffer.from(body);
  if (body === undefined || body === null) throw bodyReadBefore();
  return Buffer.from(
    mediaType({ headers }) === "application/x-www-form-urlencoded" ? formOf(body) : JSON.stringify(body),
  );
}

/** A name that came several times is a list in what was parsed, and comes several times again. */
const formOf = (fields: object): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    ),
  ).toString();

import { type Call, newCall } from "../call.ts";
import type { AnswerCall } from "../core.ts";
import { basePathOf, pathBelow } from "../path.ts";

/** What the server in front knows of a request beside its headers. */
export interface Connection {
  /** The other end's IP address. */
  address?: string | undefined;
}

/** How long a body may take, in milliseconds: not every host sets a bound, or ends a body when its sender has gone. */
const BODY_MS = 15_000;

/** The edge for hosts that speak `Request` and `Response`. */
export function createFetchHandler(answer: AnswerCall, publicUrl: string) {
  const basePath = basePathOf(publicUrl);
  return async (request: Request, { address }: Connection): Promise<Response> => {
    const { status, headers, setCookies = [], body } = await answer(callOf(request, basePath, address));
    const response = new Response(request.method === "HEAD" ? null : (body ?? null), { status, headers });
    for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
    return response;
  };
}

const callOf = (request: Request, basePath: string, address: string | undefined): Call => ({
  ...newCall(),
  method: request.method,
  path: pathBelow(basePath, request.url),
  headers: request.headers,
  bytes: (most) => bytesOf(request, most),
  request: () => request,
  address,
});

async function bytesOf({ body }: Request, most: number): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  let late = false;
  const impatience = setTimeout(() => {
    late = true;
    reader.cancel().catch(() => {});
  }, BODY_MS);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (late) throw new Error("the body takes too long");
      if (done) return Buffer.concat(chunks);
      if (!(value instanceof Uint8Array)) throw new TypeError("the body is not made of bytes");
      size += value.byteLength;
      if (size > most) break;
      chunks.push(value);
    }
  } finally {
    clearTimeout(impatience);
  }
  reader.cancel().catch(() => {});
  return undefined;
}

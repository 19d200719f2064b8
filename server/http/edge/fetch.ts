import { type Call, newCall } from "../call.ts";
import type { AnswerCall } from "../core.ts";
import { basePathOf, pathBelow } from "../path.ts";

/** What the server in front knows of a request beside its headers. */
export interface Connection {
  /** The other end's IP address. */
  address?: string | undefined;
}

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
  bytes: () => request.arrayBuffer(),
  request: () => request,
  address,
});

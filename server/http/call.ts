import { randomUUID } from "node:crypto";

/**
 * A request by whatever server it came, and as much of it as the exchange looks at. A standard `Request` made of
 * Node's own, and the `Response` turned back, would be a tenth of what an identify costs.
 */
export interface Call {
  /** Stands in the answer and in the log. */
  id: string;
  /** By `performance.now()`. */
  startedAt: number;
  method: string;
  /** Below the exchange's own. */
  path: string;
  headers: Pick<Headers, "get">;
  /** The body. Rejects where it breaks off. */
  bytes(): Promise<ArrayBuffer | Uint8Array>;
  /** The standard request, without its body. */
  request(): Request;
  /** The other end's IP address, where the server in front knows it. */
  address: string | undefined;
}

export const newCall = () => ({ id: randomUUID(), startedAt: performance.now() });

export const callOf = (request: Request, path: string, address: string | undefined): Call => ({
  ...newCall(),
  method: request.method,
  path,
  headers: request.headers,
  bytes: () => request.arrayBuffer(),
  request: () => request,
  address,
});

/** An answer for whatever server is in front. Its headers are plain: a `Headers` object takes long to make and to read. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export const jsonAnswer = (
  body: unknown,
  status: number,
  headers: Readonly<Record<string, string>>,
): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

export const responseOf = ({ status, headers, body }: Answer): Response =>
  new Response(body, { status, headers });

import { randomUUID } from "node:crypto";
import type { Problem } from "../problems.ts";

/**
 * As much of a request as the exchange looks at, from any server. Making a standard `Request` of Node's own, and
 * turning the `Response` back, would be a tenth of what an identify costs.
 */
export interface Call {
  /** Stands in the answer and in the log. */
  id: string;
  /** By `performance.now()`. */
  startedAt: number;
  method: string;
  /** Below the exchange's own. */
  path: string;
  /** Of its address. The log never has it. */
  query(): URLSearchParams;
  headers: Pick<Headers, "get">;
  /** The body; `undefined` where it has more bytes than `most`. Rejects where it breaks off. */
  bytes(most: number): Promise<Uint8Array | undefined>;
  /** The standard request, without its body. */
  request(): Request;
  /** Cookies that go back with whatever is answered, each as its header has it. */
  setCookies: string[];
  /** What the edge has found wrong: the call is refused for it, whatever it asks. */
  fault?: Problem | undefined;
  /** The other end's IP address, where the server in front knows it. */
  address: string | undefined;
}

/** An answer, for any server. Its headers are a plain object: a `Headers` object takes long to make and to read. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** Cookies, each as its header has it. */
  setCookies?: readonly string[];
  body?: string | Uint8Array<ArrayBuffer>;
  /** Why it is a refusal: for who counts them, and not sent. */
  problem?: string;
}

/** Answers one kind of call. May throw: the core turns what is thrown into a problem. */
export type Endpoint = (call: Call) => Answer | Promise<Answer>;

export const newCall = () => ({
  id: randomUUID(),
  startedAt: performance.now(),
  setCookies: Array.of<string>(),
});

export const jsonAnswer = (
  body: unknown,
  status: number,
  headers: Readonly<Record<string, string>>,
): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

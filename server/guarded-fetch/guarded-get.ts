import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { version } from "#built-in";
import { FetchFailure, type Lookup, openConnection, type Reach } from "./guarded-connection.ts";
import { isSecureUrl } from "./secure-url.ts";

/** The whole fetch, from the name to the last byte, in milliseconds. */
const DEADLINE_MS = 5000;
const MAX_BYTES = 256 * 1024;

export interface GuardedGet {
  reach: Reach;
  headers?: Record<string, string>;
  /** Read JSON whatever type it says it is: for documents that are often served with another. */
  anyType?: boolean;
  /** Ends it, in place of its own deadline. */
  signal?: AbortSignal;
  lookup?: Lookup;
}

export interface GuardedAnswer {
  status: number;
  /** Of a 200 only; other bodies are not read. */
  json: unknown;
  /** The cookies that it sets, each as its header has it. */
  setCookies: readonly string[];
  /** When it says that it was. */
  date: string | undefined;
}

/** For the several steps of what should take no longer than one. */
export const fetchDeadline = () => AbortSignal.timeout(DEADLINE_MS);

/**
 * One GET for JSON, for addresses that a setting or an issuer names: https (http on this machine only), no
 * redirects, no compression, bounded in size and in time, and only to addresses within reach.
 * @throws {FetchFailure} and nothing else
 */
export async function guardedGet(address: string, options: GuardedGet): Promise<GuardedAnswer> {
  const { signal = fetchDeadline() } = options;
  try {
    return await Promise.race([get(address, options, signal), rejectsWith(signal)]);
  } catch (error) {
    if (signal.aborted) throw new FetchFailure("it took too long");
    throw error instanceof FetchFailure ? error : new FetchFailure(codeOf(error));
  }
}

async function get(
  address: string,
  { reach, headers, anyType = false, lookup }: GuardedGet,
  signal: AbortSignal,
): Promise<GuardedAnswer> {
  const url = URL.parse(address);
  if (!url || !isSecureUrl(url) || url.username || url.password)
    throw new FetchFailure("its URL is not https");
  const socket = await openConnection(url, reach, signal, lookup);
  try {
    const response = await ask(url, headers, () => socket);
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400) throw new FetchFailure(`it answers with a redirect (${status})`);
    const json = status === 200 ? await readJson(response, anyType) : undefined;
    const { date, "set-cookie": setCookies = [] } = response.headers;
    return { status, json, setCookies, date };
  } finally {
    socket.destroy();
  }
}

function ask(
  url: URL,
  headers: Record<string, string> = {},
  createConnection: () => Socket,
): Promise<IncomingMessage> {
  const outgoing = request({
    path: url.pathname + url.search,
    headers: {
      host: url.host,
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": `vambe-identity/${version}`,
      connection: "close",
      ...headers,
    },
    createConnection,
    insecureHTTPParser: false,
    maxHeaderSize: 16 * 1024,
  });
  return new Promise((resolve, reject) => {
    outgoing.once("response", (response) => resolve(response.on("error", () => {})));
    outgoing.on("error", reject);
    outgoing.once("close", () => reject(new FetchFailure("the connection was closed")));
    outgoing.end();
  });
}

async function readJson(response: IncomingMessage, anyType: boolean): Promise<unknown> {
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = response.headers;
  if (encoding !== "identity") throw new FetchFailure("its answer is compressed, which was not asked for");
  const chunks: Buffer[] = [];
  let size = Number(response.headers["content-length"] ?? 0) > MAX_BYTES ? Number.POSITIVE_INFINITY : 0;
  if (size === 0) {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BYTES) break;
    }
  }
  if (size > MAX_BYTES) throw new FetchFailure(`its answer is larger than ${MAX_BYTES} bytes`);
  const json = parse(Buffer.concat(chunks));
  if (anyType || /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return json;
  throw new FetchFailure("its answer is JSON, but its Content-Type is not application/json");
}

/** @throws {FetchFailure} where it is no JSON */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new FetchFailure("its answer is not JSON");
  }
}

function rejectsWith(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `HPE_INVALID_CONSTANT` …, never a message. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && "code" in error) return String(error.code);
  return error instanceof Error && "code" in error ? String(error.code) : "it broke off";
}

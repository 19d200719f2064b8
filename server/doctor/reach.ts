import { errorCode } from "../vambe/ask.ts";
import { readUpTo } from "../vambe/read-up-to.ts";

/** What a request over HTTP came back with. */
export interface Reached {
  status: number;
  headers: Headers;
  text: string;
  /** Of the body, where it is JSON. */
  json: unknown;
  /** How long it took, in milliseconds. */
  tookMs: number;
  /** How far the other end's clock is ahead of ours, in milliseconds; `undefined` where it does not say. */
  aheadMs: number | undefined;
  response: Response;
}

/** No answer: why, and what to do. Names nothing but the host. */
export class Unreachable extends Error {
  readonly remedy: string;

  constructor(says: string, remedy: string) {
    super(says);
    this.remedy = remedy;
  }
}

const MOST_BYTES = 1024 * 1024;

/**
 * One request, without following where it is led to.
 * @param setting that names the address
 * @throws {Unreachable}
 */
export async function reach(url: string, setting: string, init: RequestInit): Promise<Reached> {
  const began = Date.now();
  try {
    const response = await fetch(url, { redirect: "manual", ...init });
    const cameAt = Date.now();
    const { text } = await readUpTo(response, MOST_BYTES);
    const { status, headers } = response;
    const aheadMs = aheadOf(headers.get("date"), began, cameAt);
    return { status, headers, text, json: parsed(text), tookMs: cameAt - began, aheadMs, response };
  } catch (error) {
    throw unreachable(errorCode(error), new URL(url), setting);
  }
}

/** By a `Date` of whole seconds, which is from some moment of the way: what that leaves open is no difference. */
export function aheadOf(date: string | null | undefined, from: number, to: number): number | undefined {
  const said = Date.parse(date ?? "");
  if (Number.isNaN(said)) return undefined;
  if (said > to) return said - to;
  return said + 1000 < from ? said + 1000 - from : 0;
}

const UNKNOWN_AUTHORITY = "has a certificate of an authority that is not known here";
const TRUST_IT =
  "if the authority is your own, name it in NODE_EXTRA_CA_CERTS=<file>; otherwise somebody else is in between";

/** By the code of the error: what is the matter with a host, and what to do. */
const MEANINGS: Record<string, readonly [says: string, remedy: string]> = {
  TypeError: ["is at a port that browsers refuse", "choose another port in SETTING"],
  ENOTFOUND: ["is not in the DNS", "look for a typing error in SETTING, and at this machine's DNS"],
  EAI_AGAIN: ["cannot be looked up: the DNS does not answer", "look at this machine's DNS"],
  ECONNREFUSED: ["takes no connection: nobody listens there", "start what listens there, or mend SETTING"],
  ECONNRESET: ["breaks the connection off", "look at what is in between: a firewall, a proxy"],
  UND_ERR_SOCKET: ["breaks the connection off", "look at what is in between: a firewall, a proxy"],
  EHOSTUNREACH: ["cannot be reached: no way leads there", "look at this machine's network"],
  ENETUNREACH: ["cannot be reached: no way leads there", "look at this machine's network"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["has a certificate that it has signed itself", TRUST_IT],
  SELF_SIGNED_CERT_IN_CHAIN: [UNKNOWN_AUTHORITY, TRUST_IT],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [UNKNOWN_AUTHORITY, TRUST_IT],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    "does not send the whole chain of its certificate",
    "let it send the intermediate certificates too (a fullchain.pem)",
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "has a certificate for another name",
    "look for a typing error in SETTING, or give the server a certificate of this name",
  ],
  CERT_HAS_EXPIRED: ["has a certificate that has expired", "renew it, unless it is this machine's clock"],
  CERT_NOT_YET_VALID: ["has a certificate that is not valid yet", "look at this machine's clock"],
  EPROTO: ["does not speak TLS", "look at the scheme and the port in SETTING"],
  ERR_SSL_WRONG_VERSION_NUMBER: ["does not speak TLS", "look at the scheme and the port in SETTING"],
};
const TIMES = [
  "TimeoutError",
  "AbortError",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
];

/** @param code of the error, as `errorCode` has it */
export function unreachable(code: string, { host }: URL, setting: string): Unreachable {
  const [says, remedy] = TIMES.includes(code)
    ? [
        "does not answer in time",
        "let this machine's requests out to it: a firewall, or a proxy (NODE_USE_ENV_PROXY=1)",
      ]
    : (MEANINGS[code] ?? [`gives no answer (${code})`, "look at SETTING, and at what is in between"]);
  return new Unreachable(`${host} ${says}`, remedy.replace("SETTING", setting));
}

/** Whether it is a page that is written for people. */
export const isPage = ({ text, headers, json }: Reached): boolean =>
  json === undefined &&
  (/\bx?html\b/i.test(headers.get("content-type") ?? "") || text.trimStart().startsWith("<"));

/** Where a redirect leads, without what stands behind the path. */
export function leadsTo({ headers, response }: Reached): string {
  const url = URL.parse(headers.get("location") ?? "", response.url);
  return url ? url.origin + url.pathname : "somewhere else";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

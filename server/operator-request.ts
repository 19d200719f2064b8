import { randomBytes } from "node:crypto";
import { isSame } from "./is-same.ts";
import type { DataKey } from "./ledger/data-key.ts";

/**
 * What an operator's command and the exchange say to each other over the public URL. Both have the database's key: so the
 * exchange tells nobody else how it is set up, and the command knows that it is this exchange which answers, and no other
 * one, and nobody in between.
 */

/** A signed question. It is good for a few minutes, and gives away nothing of the key. */
export interface OperatorRequest {
  /** Milliseconds since the epoch. */
  at: number;
  nonce: string;
  mac: string;
}

/** What the exchange says of itself, and of the request as it has arrived. */
export interface Seen {
  version: string;
  publicUrl: string;
  origin: string | null;
  contentLength: string | null;
  /** How many hops the proxies have written into X-Forwarded-For or Forwarded. */
  hops: number;
  /** The network that the request is counted for. */
  network: string | null;
  /** What of the proxies' headers does not fit `VAMBE_TRUST_PROXY`. */
  doubt: string | null;
  /** Variable → a keyed digest of its value. */
  settings: Record<string, string>;
}

type Key = Pick<DataKey, "vouch">;

/** How far the two clocks may differ, in milliseconds. */
const GOOD_FOR_MS = 5 * 60_000;

export function operatorRequest(key: Key, now: number): OperatorRequest {
  const nonce = randomBytes(16).toString("hex");
  return { at: now, nonce, mac: macOf(key, now, nonce) };
}

/** @param json what has come; anything may */
export function readOperatorRequest(key: Key, json: unknown, now: number): OperatorRequest | undefined {
  const { at, nonce, mac }: { at?: unknown; nonce?: unknown; mac?: unknown } = Object(json);
  if (typeof at !== "number" || typeof nonce !== "string" || typeof mac !== "string") return undefined;
  if (!(Math.abs(now - at) <= GOOD_FOR_MS) || nonce.length > 64) return undefined;
  return isSame(mac, macOf(key, at, nonce)) ? { at, nonce, mac } : undefined;
}

export function answerTo({ nonce }: OperatorRequest, key: Key, seen: Seen): { seen: string; mac: string } {
  const text = JSON.stringify(seen);
  return { seen: text, mac: key.vouch("seen", nonce + text) };
}

/** @returns `undefined` where it is not the answer to this request, of an exchange with the same database */
export function readAnswerTo({ nonce }: OperatorRequest, key: Key, json: unknown): Seen | undefined {
  const { seen, mac }: { seen?: unknown; mac?: unknown } = Object(json);
  if (typeof seen !== "string" || typeof mac !== "string") return undefined;
  return isSame(mac, key.vouch("seen", nonce + seen)) ? JSON.parse(seen) : undefined;
}

const macOf = (key: Key, at: number, nonce: string): string => key.vouch("operator", `${at} ${nonce}`);

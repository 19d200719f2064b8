import { z } from "zod/mini";
import type { Secrets } from "../ledger/contract/secrets.ts";
import { type KeyJwk, kidOf, makeKeyJwk, publicPartOf } from "./signing-key.ts";
import { TOKEN_LIFE_S } from "./token-life.ts";

/**
 * The signing keys as they stand in the ledger: a list, oldest first, of which exactly one signs. Every change
 * goes through `changeKeys`, so that of all who change it at once none overwrites another.
 */
const NAME = "signing-keys";

/** How long an instance may go on with the keys that it has read, in milliseconds. */
export const REREAD_MS = 30_000;
/** How far the clocks of this exchange and of those who check its tokens may differ, in milliseconds. */
const SKEW_MS = 60_000;
/** From a rotation on until the last token of the old key has expired, wherever it was signed. */
export const PUBLISHED_FOR_MS = TOKEN_LIFE_S * 1000 + SKEW_MS + REREAD_MS;

const coordinate = z.string().check(z.regex(/^[\w-]{43}$/));
const keptKeys = z.array(
  z.object({
    kid: z.string(),
    jwk: z.object({
      kty: z.literal("EC"),
      crv: z.literal("P-256"),
      x: coordinate,
      y: coordinate,
      d: z.optional(coordinate),
    }),
    createdAt: z.number(),
    retiredAt: z.optional(z.number()),
    publishedUntil: z.optional(z.number()),
  }),
);

/** Times are milliseconds since the epoch. */
export interface KeptKey {
  kid: string;
  /** Has its private part for as long as it signs, and not a moment longer. */
  jwk: KeyJwk;
  createdAt: number;
  /** When it ceased to sign. */
  retiredAt?: number | undefined;
  /** Until when the JWKS shows a key that does not sign any more. */
  publishedUntil?: number | undefined;
}

export const isSigning = ({ retiredAt }: KeptKey): boolean => retiredAt === undefined;
export const isPublished = (key: KeptKey, now: number): boolean =>
  isSigning(key) || (key.publishedUntil ?? 0) > now;

export const stateOf = (key: KeptKey, now: number): "signing" | "published" | "retired" =>
  isSigning(key) ? "signing" : isPublished(key, now) ? "published" : "retired";

export async function readKeys(ledger: Secrets): Promise<KeptKey[]> {
  return parse(await ledger.readSecret(NAME));
}

/** The keys; where there are none yet, the first of all instances to make one decides. */
export function ensureKeys(ledger: Secrets, now: number): Promise<KeptKey[]> {
  return changeKeys(ledger, async (keys) => (keys.length > 0 ? keys : [await makeKey(now)]));
}

/** A new key signs from now on; the one before stays published until its last token has expired. */
export function rotateKeys(ledger: Secrets, now: number): Promise<KeptKey[]> {
  return changeKeys(ledger, async (keys) => [
    ...keys
      .filter((key) => isPublished(key, now))
      .map((key) => (isSigning(key) ? retired(key, now, now + PUBLISHED_FOR_MS) : key)),
    await makeKey(now),
  ]);
}

/** Takes a key out at once. Where it is the one that signs, a new one signs in its place. @throws {UnknownKey} */
export function retireKey(ledger: Secrets, kid: string, now: number): Promise<KeptKey[]> {
  return changeKeys(ledger, async (keys) => {
    const found = keys.find((key) => key.kid === kid);
    if (!found) throw new UnknownKey();
    const left = keys
      .filter((key) => key === found || isPublished(key, now))
      .map((key) => (key === found ? retired(key, now, now) : key));
    return isSigning(found) ? [...left, await makeKey(now)] : left;
  });
}

export class UnknownKey extends Error {
  constructor() {
    super("there is no such key: `keys list` shows those that there are, and a kid has to be given whole");
  }
}

/** Tries again where another process was quicker: `change` is then given what that one has written. */
async function changeKeys(
  ledger: Secrets,
  change: (keys: KeptKey[]) => Promise<KeptKey[]>,
): Promise<KeptKey[]> {
  for (;;) {
    const before = await ledger.readSecret(NAME);
    const keys = await change(parse(before));
    const next = JSON.stringify(keys);
    if (next === before || (await ledger.replaceSecret(NAME, before, next))) return keys;
  }
}

function parse(text: string | undefined): KeptKey[] {
  if (text === undefined) return [];
  try {
    const keys = keptKeys.parse(JSON.parse(text));
    const [signing, another] = keys.filter(isSigning);
    if (signing?.jwk.d !== undefined && another === undefined) return keys;
  } catch {
    // The message could quote a key.
  }
  throw new Error("the signing keys in the database are damaged");
}

async function makeKey(now: number): Promise<KeptKey> {
  const jwk = await makeKeyJwk();
  return { kid: await kidOf(jwk), jwk, createdAt: now };
}

const retired = (key: KeptKey, now: number, publishedUntil: number): KeptKey => ({
  ...key,
  jwk: publicPartOf(key.jwk),
  retiredAt: key.retiredAt ?? now,
  publishedUntil,
});

import type { Secrets } from "../ledger/contract/secrets.ts";
import type { Log } from "../log.ts";
import { ensureKeys, isPublished, isSigning, type KeptKey, REREAD_MS } from "./kept-keys.ts";
import { type PublishedJwk, publishedJwk, type SigningKey, signingKeyOf } from "./signing-key.ts";

/** Where a signer has its keys from. */
export interface Keyring {
  /** The key that signs now. */
  signing(): Promise<SigningKey>;
  /** Every key whose tokens are good now. */
  published(): Promise<PublishedJwk[]>;
}

/** One key that never changes, as `VAMBE_SIGNING_KEY` gives it. */
export function keyringOf(key: SigningKey): Keyring {
  return { signing: async () => key, published: async () => [key.publicJwk] };
}

/**
 * Who asks for the JWKS may have met a key that this instance has not read of, so for them it is read again
 * sooner; not each time, since anybody may ask.
 */
const REREAD_FOR_JWKS_MS = 1000;
/**
 * How long a new key is published before it signs, in milliseconds from when it was made. Whoever checks a token asks
 * any instance for the JWKS, and that one may have read its keys a moment before the new one was there.
 */
const PUBLISHED_FIRST_MS = 5000;

/** The keys in the ledger, made where there are none. A change by another process is seen within `REREAD_MS`. */
export async function openKeyring(ledger: Secrets, log: Log): Promise<Keyring> {
  let keys: KeptKey[] = [];
  let signing: SigningKey | undefined;
  let next: { key: SigningKey; createdAt: number } | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const found = await ensureKeys(ledger, Date.now());
    const current = found.find(isSigning);
    next =
      current && current.kid !== signing?.kid
        ? { key: await signingKeyOf(current.jwk), createdAt: current.createdAt }
        : undefined;
    for (const { kid } of keys)
      if (!found.some((key) => key.kid === kid))
        log.info("a signing key is gone: its tokens do not verify any more", { kid });
    keys = found;
  }

  /** The one before goes on for a moment, unless it was taken out. */
  function takeUpNext(): void {
    if (!next) return;
    const now = Date.now();
    const age = now - next.createdAt;
    const isGood = keys.some((key) => key.kid === signing?.kid && isPublished(key, now));
    if (isGood && age >= 0 && age < PUBLISHED_FIRST_MS) return;
    if (signing) log.info("another signing key is in use from now on", { kid: next.key.kid });
    signing = next.key;
    next = undefined;
  }

  async function readAgain(): Promise<void> {
    readAt = Date.now();
    try {
      await read();
    } catch (error) {
      log.error("the signing keys cannot be read again: those read before stay in use", { cause: error });
    }
  }

  async function refresh(afterMs: number): Promise<void> {
    const age = Date.now() - readAt;
    // A negative age: the clock was put back.
    if (age >= afterMs || age < 0) reading ??= readAgain().finally(() => (reading = undefined));
    await reading;
  }

  await read();
  readAt = Date.now();
  return {
    signing: async () => {
      await refresh(REREAD_MS);
      takeUpNext();
      if (!signing) throw new Error("there is no signing key");
      return signing;
    },
    published: async () => {
      await refresh(REREAD_FOR_JWKS_MS);
      const now = Date.now();
      return keys.filter((key) => isPublished(key, now)).map(({ kid, jwk }) => publishedJwk(kid, jwk));
    },
  };
}

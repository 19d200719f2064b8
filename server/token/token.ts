import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import type { Keyring } from "./keyring.ts";
import type { PublishedJwk } from "./signing-key.ts";
import { TOKEN_LIFE_S } from "./token-life.ts";

/** Its own type, so that it can never pass for a proof (RFC 8725 §3.11). */
export const TOKEN_TYPE = "vambe-identity+jwt";
/** At most this many tokens are kept for reuse. */
const MOST_KEPT = 10_000;

export interface TokenSubject {
  id: string;
  verified: boolean;
  channelId: string;
  /** The origin of the page that asked. */
  audience: string;
}

export interface SignedToken {
  token: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

/** Signs tokens, and hands the same one out again until half of its life is over: a signature is the most expensive step. */
export class TokenSigner {
  readonly #kept = new LRUCache<string, SignedToken & { kid: string }>({ max: MOST_KEPT });
  readonly #keyring: Keyring;
  readonly #issuer: string;

  constructor(keyring: Keyring, issuer: string) {
    this.#keyring = keyring;
    this.#issuer = issuer;
  }

  /** The public keys that its tokens are checked with. */
  async jwks(): Promise<{ keys: PublishedJwk[] }> {
    return { keys: await this.#keyring.published() };
  }

  async sign(subject: TokenSubject): Promise<SignedToken> {
    const { kid, privateKey } = await this.#keyring.signing();
    const now = Math.floor(Date.now() / 1000);
    const name = JSON.stringify([subject.id, subject.verified, subject.audience]);
    const kept = this.#kept.get(name);
    const left = kept ? kept.expiresAt - now : 0;
    if (kept?.kid === kid && left > TOKEN_LIFE_S / 2 && left <= TOKEN_LIFE_S)
      return { token: kept.token, expiresAt: kept.expiresAt };

    const expiresAt = now + TOKEN_LIFE_S;
    const token = await new SignJWT({ verified: subject.verified, channel_id: subject.channelId })
      .setProtectedHeader({ alg: "ES256", typ: TOKEN_TYPE, kid })
      .setIssuer(this.#issuer)
      .setAudience(subject.audience)
      .setSubject(subject.id)
      .setIssuedAt(now)
      .setExpirationTime(expiresAt)
      .setJti(randomUUID())
      .sign(privateKey);
    this.#kept.set(name, { kid, token, expiresAt });
    return { token, expiresAt };
  }
}

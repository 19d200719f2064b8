import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { SigningKey } from "./signing-key.ts";

/** Its own type, so that it can never pass for a proof (RFC 8725 §3.11). */
export const TOKEN_TYPE = "vambe-identity+jwt";
const LIFE_S = 15 * 60;
/** Tokens that are kept for reuse, at the most. */
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

/** Signs tokens, and hands the same one out again until half of its life is over: a signature is the dearest step. */
export class TokenSigner {
  readonly #kept = new Map<string, SignedToken>();
  readonly #key: SigningKey;
  readonly #issuer: string;

  constructor(key: SigningKey, issuer: string) {
    this.#key = key;
    this.#issuer = issuer;
  }

  get jwks(): { keys: SigningKey["publicJwk"][] } {
    return { keys: [this.#key.publicJwk] };
  }

  async sign(subject: TokenSubject): Promise<SignedToken> {
    const now = Math.floor(Date.now() / 1000);
    const name = JSON.stringify([subject.id, subject.verified, subject.audience]);
    const kept = this.#kept.get(name);
    const left = kept ? kept.expiresAt - now : 0;
    if (kept && left > LIFE_S / 2 && left <= LIFE_S) return kept;

    const expiresAt = now + LIFE_S;
    const token = await new SignJWT({ verified: subject.verified, channel_id: subject.channelId })
      .setProtectedHeader({ alg: "ES256", typ: TOKEN_TYPE, kid: this.#key.kid })
      .setIssuer(this.#issuer)
      .setAudience(subject.audience)
      .setSubject(subject.id)
      .setIssuedAt(now)
      .setExpirationTime(expiresAt)
      .setJti(randomUUID())
      .sign(this.#key.privateKey);
    this.#keep(name, { token, expiresAt });
    return { token, expiresAt };
  }

  #keep(name: string, signed: SignedToken): void {
    this.#kept.delete(name);
    this.#kept.set(name, signed);
    if (this.#kept.size > MOST_KEPT)
      for (const oldest of this.#kept.keys()) return void this.#kept.delete(oldest);
  }
}

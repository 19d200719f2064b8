import { randomUUID, sign } from "node:crypto";
import type { CacheReadings } from "../observer.ts";
import { compactJwt } from "../signed-jwt.ts";
import { KeptTokens, type SignedToken } from "./kept-tokens.ts";
import type { Keyring } from "./keyring.ts";
import type { PublishedJwk } from "./signing-key.ts";
import { TOKEN_LIFE_S } from "./token-life.ts";

/** Its own type, so that it can never pass for a proof (RFC 8725 §3.11). */
const TOKEN_TYPE = "vambe-identity+jwt";

export interface TokenSubject {
  id: string;
  verified: boolean;
  /** Who acts for the user, where it is not the user. */
  actor?: { id: string } | undefined;
  channelId: string;
  /** The origin of the page that asked. */
  audience: string;
}

/** Signs the exchange's own tokens. */
export class TokenSigner {
  readonly #kept = new KeptTokens(TOKEN_LIFE_S);
  readonly #keyring: Keyring;
  readonly #issuer: string;

  constructor(keyring: Keyring, issuer: string) {
    this.#keyring = keyring;
    this.#issuer = issuer;
  }

  /** Of the tokens that are kept. */
  get readings(): CacheReadings {
    return this.#kept.readings;
  }

  /** The public keys that its tokens are checked with. */
  async jwks(): Promise<{ keys: PublishedJwk[] }> {
    return { keys: await this.#keyring.published() };
  }

  async sign({ id, verified, actor, channelId, audience }: TokenSubject): Promise<SignedToken> {
    const { kid, privateKey } = await this.#keyring.signing();
    return this.#kept.get(JSON.stringify([id, verified, audience, actor?.id]), kid, (iat, exp) =>
      compactJwt(
        { alg: "ES256", typ: TOKEN_TYPE, kid },
        {
          verified,
          channel_id: channelId,
          act: actor && { sub: actor.id },
          iss: this.#issuer,
          aud: audience,
          sub: id,
          iat,
          exp,
          jti: randomUUID(),
        },
        // RFC 7518 §3.4: both numbers as they are, and not in ASN.1.
        (text) => sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }),
      ),
    );
  }
}

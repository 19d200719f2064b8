import type { TokenSigner } from "../../token/token.ts";
import { type Endpoint, jsonAnswer } from "../call.ts";
import { always } from "../page-answers.ts";

/** `GET /.well-known/jwks.json`: the public keys that the tokens are checked with (RFC 7517). */
export const jwks =
  (tokens: Pick<TokenSigner, "jwks">): Endpoint =>
  async (call) =>
    jsonAnswer(await tokens.jwks(), 200, {
      ...always(call),
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=30",
    });

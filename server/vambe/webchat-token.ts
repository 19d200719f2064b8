import { createSecretKey } from "node:crypto";
import { signJwt } from "../signed-jwt.ts";
import { KeptTokens, type SignedToken } from "../token/kept-tokens.ts";

/** How long the webchat's token is good for, in seconds. It is read when the chat loads, and pages stay open. */
const LIFE_S = 3600;

export interface WebchatSubject {
  id: string;
  /** Where it is proven. */
  name: string | undefined;
}

/** Signs the token that the webchat takes in place of a user id. */
export type SignForWebchat = (subject: WebchatSubject) => Promise<SignedToken>;

/**
 * Vambe's own proof of identity, "Autenticar usuarios con JWT": a JWT (HS256) under the secret that the site's owner
 * has chosen in the channel's settings. Source: Vambe's help centre, "Cómo instalar y configurar el Web Chat".
 * @param secret the channel's *JWT Secret*
 * @param idClaim the channel's *Campo del ID de usuario en el token*; a dot in it has no meaning
 */
export function signForWebchat(secret: string, idClaim: string): SignForWebchat {
  const key = createSecretKey(secret, "utf8");
  const kept = new KeptTokens(LIFE_S);
  return ({ id, name }) =>
    kept.get(JSON.stringify([id, name]), "", (iat, exp) =>
      signJwt({ [idClaim]: id, ...(name === undefined ? {} : { name }), iat, exp }, key),
    );
}

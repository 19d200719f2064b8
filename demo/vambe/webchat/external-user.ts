import jwt from "jsonwebtoken";
import { Refusal } from "../refusal.ts";

/** The channel's option “Autenticar usuarios con JWT”, as its dialog takes it. */
export interface JwtOption {
  secret: string;
  /** *Campo del ID de usuario en el token*: the name of a claim, as it stands, so a dot in it is only a dot. */
  idClaim: string;
}

/** Who a session is for, and on whose word. */
export interface ChatUser {
  openedBy: "token" | "id" | "nobody";
  id: string | null;
  /** What the token calls the user. */
  name: string | null;
}

const NOBODY: ChatUser = { openedBy: "nobody", id: null, name: null };
const refusal = () => new Refusal(401, "Unauthorized. The user could not be authenticated.");

/**
 * Whose session it is. An id is believed as it stands, unless the channel is secured: then only a token that was signed
 * with the secret is.
 */
export function readExternalUser(given: string | null | undefined, secured: JwtOption | null): ChatUser {
  if (given === null || given === undefined) return NOBODY;
  if (!secured) return { openedBy: "id", id: given, name: null };
  const claims = verify(given, secured.secret);
  const id: unknown = Object.hasOwn(claims, secured.idClaim) ? claims[secured.idClaim] : undefined;
  if (typeof id !== "string" || !id) throw refusal();
  return { openedBy: "token", id, name: typeof claims.name === "string" ? claims.name : null };
}

function verify(token: string, secret: string): jwt.JwtPayload {
  try {
    const claims = jwt.verify(token, secret, { algorithms: ["HS256"] });
    if (typeof claims === "object") return claims;
  } catch {
    // Whatever is wrong with it: the visitor is told the same.
  }
  throw refusal();
}

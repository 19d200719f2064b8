import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isLoopbackHost } from "../guarded-fetch/secure-url.ts";
import { isSame } from "../is-same.ts";

/** Why somebody may not look or act: a status, and what to do about it. */
export interface Refusal {
  status: 401 | 403;
  text: string;
}

/** Stands in each form of this process. A page of somebody else cannot read it, so it cannot make a form that counts. */
export const FORM_TOKEN = randomBytes(24).toString("base64url");

/**
 * Who may look. Without a token that is whoever is on this machine; a page of somebody else, whose name was made to lead here
 * (DNS rebinding), is told by its Host.
 * @param token `VAMBE_ADMIN_TOKEN`
 */
export function refusalToLook({ headers }: IncomingMessage, token: string | undefined): Refusal | undefined {
  if (token === undefined) {
    const host = URL.parse(`http://${headers.host ?? ""}`)?.hostname;
    return host !== undefined && isLoopbackHost(host)
      ? undefined
      : {
          status: 403,
          text: "Without VAMBE_ADMIN_TOKEN this page answers only as localhost or 127.0.0.1, on the exchange's own machine. Set VAMBE_ADMIN_TOKEN to reach it by another name.",
        };
  }
  return isSame(tokenIn(headers.authorization) ?? "", token)
    ? undefined
    : {
        status: 401,
        text: "The token is needed: as the password, with any user name, or as `Authorization: Bearer <VAMBE_ADMIN_TOKEN>`.",
      };
}

/** Who may act: a form of this page, sent by this page. */
export function refusalToAct({ headers }: IncomingMessage, formToken: string | null): Refusal | undefined {
  const site = headers["sec-fetch-site"] ?? "same-origin";
  const isOwn = headers.origin === undefined || URL.parse(headers.origin)?.host === headers.host;
  return site === "same-origin" && isOwn && isSame(formToken ?? "", FORM_TOKEN)
    ? undefined
    : {
        status: 403,
        text: "This form is not one of this page, or the exchange was started anew since it was loaded. Load the page again.",
      };
}

/** `Bearer <token>`, or the password of `Basic`, which browsers ask for. */
function tokenIn(authorization = ""): string | undefined {
  const [, scheme = "", credentials = ""] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return credentials;
  if (scheme.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(credentials, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

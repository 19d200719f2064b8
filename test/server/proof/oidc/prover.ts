import { createLog } from "../../../../server/log.ts";
import { proveByJwt } from "../../../../server/proof/jwt.ts";
import type { Issuer } from "../../../../server/proof/oidc/issuer.ts";
import { verifyByIssuer } from "../../../../server/proof/oidc/verify.ts";
import type { RunningIssuer } from "../../../support/issuer.ts";

export const SECRET = "0123456789abcdef0123456789abcdef";
export const CLIENT = "client-1";
export const request = new Request("https://id.example.com/identify", { method: "POST" });

/** Proves with the tokens of one issuer, beside the secrets of a backend. */
export function proverFor(
  issuer: RunningIssuer,
  { secrets = [SECRET], ...changes }: Partial<Issuer> & { secrets?: string[] } = {},
) {
  const settings = {
    url: issuer.url,
    audience: [CLIENT, "https://shop.example.com"],
    idClaim: "sub",
    trustEmail: false,
    ...changes,
  };
  const prove = proveByJwt(secrets, undefined, verifyByIssuer([settings], { log: createLog(() => {}) }));
  return (proof: string) => prove({ user: { id: "u1" }, request, proof });
}

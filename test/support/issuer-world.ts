import type { RunningIssuer } from "./issuer.ts";
import { startWorld, type World } from "./world.ts";

/** A site that takes the tokens of one issuer. */
export const worldOf = (issuer: string, environment: Record<string, string> = {}) =>
  startWorld({ environment: { VAMBE_OIDC_ISSUER: issuer, VAMBE_OIDC_AUDIENCE: "client-1", ...environment } });
type Json = Record<string, unknown>;
/** A visitor brings a token of an issuer. */
export const identify = async (world: World, issuer: RunningIssuer, header: Json = {}, claims: Json = {}) =>
  world.page.identify({ id: "u1" }, await issuer.sign(claims, header));

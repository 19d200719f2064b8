import { signUser } from "../../server/sign/sign.ts";
import type { Person } from "./people.ts";

/** What a site's backend has to do, all of it: sign who is logged in with the secret it shares with the exchange. */
export function signProof(
  { id, name, email, plan, company, phone }: Person,
  secret: string,
): Promise<string> {
  return signUser({ id, name, email, plan, company: { name: company }, phone }, secret);
}

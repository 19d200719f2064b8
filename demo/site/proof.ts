import { SignJWT } from "jose";
import type { Person } from "./people.ts";

/** What a site's backend has to do, all of it: sign who is logged in with the secret it shares with the exchange. */
export function signProof(person: Person, secret: string): Promise<string> {
  return new SignJWT({ name: person.name, email: person.email, plan: person.plan })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(person.id)
    .setAudience("vambe-identity")
    .setIssuedAt()
    .setExpirationTime("10 minutes")
    .sign(new TextEncoder().encode(secret));
}

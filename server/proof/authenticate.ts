import { type FieldError, Problem } from "../problems.ts";
import type { FieldValue } from "../sign/user.ts";
import { readActor } from "./actor.ts";
import { provenNow } from "./jwt-refusal.ts";
import type { Prove } from "./proof.ts";
import { readId, readTraits } from "./proven-traits.ts";

/** Who is signed in, as the app that mounts the handler knows it; `null` where nobody is. */
export type Authenticate = (request: Request) => AppUser | null | Promise<AppUser | null>;

/** What the app says of its user. All of it counts as proven. */
export interface AppUser {
  id: string | number;
  name?: string | null | undefined;
  email?: string | null | undefined;
  plan?: string | null | undefined;
  /** Further custom fields, name → value. A Date is taken as ISO 8601 text. */
  fields?: Readonly<Record<string, FieldValue>> | null | undefined;
  /** Who acts for the user, such as support that has logged in as a customer (RFC 8693 §4.1). */
  act?: { sub: string | number } | null | undefined;
}

/** The app that mounts the handler answers itself who is signed in. Its request has its headers, and no body. */
export function proveByApp(authenticate: Authenticate | undefined): Prove {
  return async ({ request, proof }) => {
    // A proof that nothing could check must not pass in the company of a session.
    const user = proof === undefined ? await authenticate?.(request) : undefined;
    if (!user) return undefined;
    return {
      // Read one by one: an object of a class has what it says on its prototype.
      ...readTraits({ name: user.name, email: user.email, plan: user.plan, fields: user.fields }),
      id: readId(user.id, "id", notValid),
      by: "authenticate",
      actor: readActor(user.act, notValid),
      provenAt: provenNow(),
    };
  };
}

const notValid = (errors: FieldError[]) =>
  new Problem("proof-claims", "What `authenticate` returned is not a valid user.", { errors });

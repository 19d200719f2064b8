import { type FieldError, Problem } from "../problems.ts";
import { readActor } from "./actor.ts";
import type { Authenticate } from "./app-user.ts";
import { provenNow } from "./jwt-refusal.ts";
import type { Prove } from "./proof.ts";
import { readId, readTraits } from "./proven-traits.ts";

/** The app that mounts the handler answers itself who is signed in. Its request has its headers, and no body. */
export function proveByApp(authenticate: Authenticate | undefined): Prove {
  return async ({ request, proof }) => {
    // A proof that nothing could check must not pass in the company of a session.
    const user = proof === undefined ? await authenticate?.(request) : undefined;
    if (!user) return undefined;
    return {
      // Read one by one: an object of a class has what it says on its prototype.
      ...readTraits({
        name: user.name,
        email: user.email,
        plan: user.plan,
        phone: user.phone,
        company: user.company,
        fields: user.fields,
      }),
      id: readId(user.id, "id", notValid),
      by: "authenticate",
      actor: readActor(user.act, notValid),
      provenAt: provenNow(),
    };
  };
}

const notValid = (errors: FieldError[]) =>
  new Problem("proof-claims", "What `authenticate` returned is not a valid user.", { errors });

import { Problem } from "../problems.ts";
import { fieldErrors, type TraitsInput, traits, userId } from "../protocol.ts";
import type { Prove } from "./proof.ts";

/** Who is signed in, as the app that mounts the handler knows it; `null` where nobody is. */
export type Authenticate = (request: Request) => AppUser | null | Promise<AppUser | null>;

/** What the app says of its user. All of it counts as proven. */
export interface AppUser extends TraitsInput {
  id: string | number;
}

const appUser = traits.extend({ id: userId });

/** The app that mounts the handler answers itself who is signed in. Its request has its headers, and no body. */
export function proveByApp(authenticate: Authenticate | undefined): Prove {
  return async ({ request, proof }) => {
    // A proof that nothing could check must not pass in the company of a session.
    const user = proof === undefined ? await authenticate?.(request) : undefined;
    if (!user) return undefined;
    const result = appUser.safeParse(user);
    if (!result.success) {
      throw new Problem("proof-claims", "What `authenticate` returned is not a valid user.", {
        errors: fieldErrors(result.error),
      });
    }
    const { id, ...proven } = result.data;
    return { id, traits: proven };
  };
}

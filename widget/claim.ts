import { identifyError } from "./identify-error.ts";
import type { Person } from "./state.ts";
import type { IdentifyOptions, User } from "./types.ts";

/** A user as the page passed it, read once: what the page changes in its object later has no effect. */
export interface Claim {
  person: Person;
  /** The user without the proof, as JSON. */
  traits: string;
  proof: string | undefined;
  /** The proof at hand: the page's own at first, then the one that was sent last. */
  held?: string | undefined;
  getProof: IdentifyOptions["getProof"];
}

/** @throws IdentifyError `invalid-user` */
export function readClaim(user: User, options: IdentifyOptions | undefined): Claim {
  try {
    const { proof, ...traits }: Partial<User> = Object(user);
    const { id, name, email, plan } = traits;
    if (typeof id === "number" ? !Number.isFinite(id) : !id || typeof id !== "string") {
      throw "`id` must be a string or number. To log out, pass null.";
    }
    return {
      person: { id: `${id}`, name: `${name ?? email ?? ""}`, plan: `${plan ?? ""}` },
      traits: JSON.stringify(traits),
      proof: proof == null ? undefined : `${proof}`,
      getProof: options?.getProof,
    };
  } catch (reason) {
    throw identifyError("invalid-user", `VambeIdentify: ${reason}`);
  }
}

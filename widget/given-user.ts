import { identifyError } from "./identify-error.ts";
import type { IdentifyOptions, User } from "./types.ts";

/** A user as the page passed it, read once: what the page changes in its object later has no effect. */
export interface GivenUser {
  id: string;
  /** The user without the proof, as JSON. */
  traits: string;
  proof: User["proof"];
  /** All that the page said of the user, to tell one call from another. */
  key: string;
  getProof: IdentifyOptions["getProof"];
}

/** @throws IdentifyError `invalid-user` */
export function readUser(user: User, options: IdentifyOptions | undefined): GivenUser {
  try {
    const { proof, ...rest }: Partial<User> = Object(user);
    const id = typeof rest.id === "string" || Number.isFinite(rest.id) ? `${rest.id}` : "";
    if (!id) throw "`id` must be a string or number. To log out, pass null.";
    const traits = JSON.stringify(rest);
    return { id, traits, proof, key: traits + proof, getProof: options?.getProof };
  } catch (reason) {
    throw identifyError("invalid-user", `VambeIdentify: ${reason}`);
  }
}

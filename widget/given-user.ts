import type { IdentifyOptions, User } from "./types.ts";

/** A user as the page passed it. It is read once, so later changes to the page's object have no effect. */
export interface GivenUser {
  id: string;
  /** The user without the proof, as JSON. */
  traits: string;
  proof: User["proof"];
  /** Traits and proof together: the same for two calls that say the same. */
  key: string;
  getProof: IdentifyOptions["getProof"];
}

/** @throws what is wrong with the user, for the developer */
export function readUser(user: User, options: IdentifyOptions | undefined): GivenUser {
  const { proof, ...rest }: Partial<User> = Object(user);
  const id = typeof rest.id === "string" || Number.isFinite(rest.id) ? `${rest.id}` : "";
  if (!id) throw "`id` is not a string or number. To log out, pass null.";
  const traits = JSON.stringify(rest);
  return { id, traits, proof, key: traits + proof, getProof: options?.getProof };
}

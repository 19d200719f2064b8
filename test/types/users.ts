/**
 * Never run: `npm run check` and the tests of the packed tarball compile it. Each `@ts-expect-error` is a mistake
 * that must not compile.
 */
import { type Identity, identify, type User } from "vambe-identity/widget";

const getProof = async () => "eyJ…";

export async function right(known: User, maybe: User | null): Promise<Identity> {
  identify({ id: "user-abc-123" });
  identify({ id: 42, name: "Jane Doe", email: "jane@example.com", plan: "premium", proof: "eyJ…" });
  identify({ id: "a", name: null, email: null, plan: null, proof: null, user_hash: null, fields: null });
  identify({ id: "a", fields: { seats: 3, trial: false, since: new Date(), team: "north", none: null } });
  identify(known, {});
  identify(known, { getProof });
  identify(known, { getProof: () => "eyJ…" });
  const nobody: null = await identify(null);
  const somebody: Identity | null = nobody ?? (await identify(maybe));
  return somebody ?? identify(known);
}

export function wrong(maybe: User | undefined): void {
  // @ts-expect-error: the id is missing
  identify({ name: "Jane Doe" });
  // @ts-expect-error: an id is no boolean
  identify({ id: true });
  // @ts-expect-error: an id is not null
  identify({ id: null });
  // @ts-expect-error: an id is no object
  identify({ id: { value: "a" } });
  // @ts-expect-error: a user is not just an id
  identify("a");
  // @ts-expect-error: whether somebody is signed in has to be known
  identify(maybe);
  // @ts-expect-error: nobody is passed as null
  identify();
  // @ts-expect-error: a plan is its name
  identify({ id: "a", plan: 3 });
  // @ts-expect-error: further traits belong in `fields`
  identify({ id: "a", company: "Acme" });
  // @ts-expect-error: a field holds one value
  identify({ id: "a", fields: { address: { city: "Quito" } } });
  // @ts-expect-error: a field holds one value
  identify({ id: "a", fields: { teams: ["north"] } });
  // @ts-expect-error: a proof is text
  identify({ id: "a" }, { getProof: () => 42 });
  // @ts-expect-error: a proof is text
  identify({ id: "a" }, { getProof: async () => undefined });
  // @ts-expect-error: getProof is a function
  identify({ id: "a" }, { getProof: "eyJ…" });
}

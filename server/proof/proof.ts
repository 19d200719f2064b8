import type { ReadPhone } from "../phone/e164.ts";
import { Problem } from "../problems.ts";
import type { IdentifyRequest, IgnoredTrait, Traits } from "../protocol.ts";
import type { Actor } from "./actor.ts";

/** What a page brings forward. A client that is no page may say nothing of the user beside the proof. */
export interface Evidence {
  user: Partial<IdentifyRequest["user"]>;
  proof: string | undefined;
  /** The `proof` has been called an ID token, so it must be one (RFC 8693 §2.1). */
  isIdToken?: boolean;
  /** Of somebody who acts for the user (`actor_token`, RFC 8693 §2.1). */
  actorProof?: string | undefined;
  actorIsIdToken?: boolean;
  /** Takes the cookies that the site sets for the visitor's browser, each as its header has it. */
  setCookies?(cookies: readonly string[]): void;
  /** The request that carried it, without its body: for cookies, and for an app's own authentication. */
  readonly request: Request;
}

/** The kinds of proof, by the names that the log has for them. */
export type ProofKind = "jwt" | "id_token" | "session" | "authenticate" | "user_hash";

/** Who a proof says it is; what it says of them is all that is proven. */
export interface Proven {
  id: string;
  by: ProofKind;
  traits: Traits;
  /** What the proof says and what does not count all the same. */
  ignored?: readonly IgnoredTrait[];
  /** Who acts for the user, where it is not the user. */
  actor?: Actor | undefined;
  /** Who alone may (`may_act`, RFC 8693 §4.4), as the proof has it. */
  mayAct?: unknown;
  /** Of when it is: milliseconds since the epoch. Left out where nothing says. */
  provenAt?: number | undefined;
  /**
   * What makes this proof one of its kind, for `VAMBE_PROOF_ONCE`: a `jti` is unique among those of its issuer
   * (none: the site's own backend). `exp` in seconds since the epoch.
   */
  use?: { issuer?: string; jti: string | undefined; exp: number } | undefined;
  /** The same of the actor's own proof, where one came. */
  actorUse?: Proven["use"];
  again?: Again | undefined;
}

/** The user in the end: who it is by the proof, and what may be said of them. */
export interface ProvenUser extends Pick<Proven, "id" | "actor" | "provenAt"> {
  verified: boolean;
  /** `none`: nothing proves the id. */
  by: ProofKind | "none";
  traits: Traits;
  /** What of it is proven and may be shown: `traits` may have what is only said. */
  shown?: Pick<Traits, "name" | "plan" | "phone">;
}

/** Says that the very same proof needs no second look for a while. Where nothing says so, it does. */
export interface Again {
  /** Milliseconds since the epoch. */
  until: number;
  /** To be called each time that the proof is taken without a look: it counts as used all the same. */
  count(): void;
}

/**
 * One kind of proof. `undefined` where the evidence is not of this kind.
 * @throws {Problem} where it is of this kind and does not hold: no other kind is then tried.
 */
export type Prove = (evidence: Evidence) => Promise<Proven | undefined>;

/** Marks a proof as used. @throws {Problem} where it has been before, or cannot be told from others */
export type UseOnce = (use: NonNullable<Proven["use"]>) => Promise<void>;

export interface ProofPolicy {
  /** In order of preference. */
  kinds: readonly Prove[];
  allowUnverified: boolean;
  /** What to say where no kind has found anything to go by. */
  nothingCame: string;
  unprovenTraits: "ignore" | "apply";
  /** Where anything is done with phones: the same one may be written in several ways. */
  readPhone?: ReadPhone | undefined;
  /** Where each proof serves once: called with one that holds, before anything is done on its word. */
  useOnce?: UseOnce | undefined;
}

/** Establishes who the user is, and what of the page's words counts. @throws {Problem} where nothing proves it. */
export async function prove(
  evidence: Evidence,
  policy: ProofPolicy,
): Promise<{ user: ProvenUser; ignored: IgnoredTrait[]; again?: Again | undefined }> {
  for (const kind of policy.kinds) {
    const alone = await kind(evidence);
    if (!alone) continue;
    const proven = evidence.actorProof === undefined ? alone : await withActor(alone, evidence, policy);
    if (evidence.user.id !== undefined && proven.id !== evidence.user.id) {
      throw new Problem(
        "proof-other-user",
        "The proof is for another user than the `id` that the page passed.",
      );
    }
    for (const use of [proven.use, proven.actorUse]) if (use) await policy.useOnce?.(use);
    const { id, by, ignored: ofProof = [], actor, provenAt } = proven;
    const weighed = weigh(evidence.user, proven.traits, policy);
    // What the proof says and is ignored for is told once, and with its own reason.
    const others = weighed.ignored.filter(({ trait }) => !ofProof.some((own) => own.trait === trait));
    const ignored = [...ofProof, ...others];
    // What serves once must be looked at each time.
    const again = policy.useOnce ? undefined : proven.again;
    const { traits } = weighed;
    const user = { id, by, verified: true, traits, shown: proven.traits, actor, provenAt };
    return { user, ignored, again };
  }
  if (evidence.proof !== undefined) {
    throw new Problem("proof-malformed", "This exchange has no secret and no issuer to check a proof with.");
  }
  const { id } = evidence.user;
  if (!policy.allowUnverified || id === undefined) throw new Problem("proof-missing", policy.nothingCame);
  const { traits, ignored } = weigh(evidence.user, {}, policy);
  return { user: { id, by: "none", verified: false, traits }, ignored };
}

/** The user, in whose name somebody acts that has brought a proof of his own. @throws {Problem} where it does not hold */
async function withActor(
  user: Proven,
  { request, actorProof, actorIsIdToken = false }: Evidence,
  policy: ProofPolicy,
): Promise<Proven> {
  for (const kind of policy.kinds) {
    const evidence = { user: {}, proof: actorProof, isIdToken: actorIsIdToken, request };
    const actor = await kind(evidence).catch((error: unknown) => {
      throw error instanceof Problem ? ofActor(error) : error;
    });
    if (!actor) continue;
    if (actor.actor) throw actorProblem("act", "must not be there: somebody acts for the actor");
    if (!mayAct(user, actor)) throw actorProblem("sub", "is not whom the subject's `may_act` names");
    return { ...user, actor: { id: actor.id }, actorUse: actor.use, again: both(user.again, actor.again) };
  }
  throw new Problem("proof-malformed", "This exchange has no secret and no issuer to check a proof with.");
}

function mayAct({ mayAct }: Proven, { id, use }: Proven): boolean {
  if (mayAct === undefined || mayAct === null) return true;
  const { sub, iss } = Object(mayAct);
  const names = (typeof sub === "string" || typeof sub === "number") && String(sub) === id;
  return names && (iss === undefined || iss === use?.issuer);
}

/** A page has two proofs to look at. */
const ofActor = ({ slug, message, errors, headers }: Problem) =>
  new Problem(slug, `actor_token: ${message}`, {
    errors: errors.map(({ field, detail }) => ({ field: `actor_token.${field}`, detail })),
    headers: { ...headers },
  });

const actorProblem = (claim: string, detail: string) =>
  new Problem("proof-claims", "The actor's proof verifies, but does not let him act.", {
    errors: [{ field: `actor_token.${claim}`, detail }],
  });

const both = (one: Again | undefined, other: Again | undefined): Again | undefined =>
  one &&
  other && {
    until: Math.min(one.until, other.until),
    count: () => {
      one.count();
      other.count();
    },
  };

/** Holds what the page says against what is proven: the proof wins, and what it does not cover waits for the policy. */
function weigh(
  said: Traits,
  proven: Traits,
  { unprovenTraits, readPhone }: ProofPolicy,
): { traits: Traits; ignored: IgnoredTrait[] } {
  const ignored: IgnoredTrait[] = [];
  const isSamePhone = (one: string | null, other: string | null) => {
    const number = readPhone?.(one ?? "");
    return number !== undefined && number === readPhone?.(other ?? "");
  };
  /** Merges what is said into what is proven, both of them trait → value. */
  const merge = (saidTraits: Values, provenTraits: Values, prefix = ""): Record<string, string | null> => {
    const counted = new Map(given(provenTraits));
    for (const [name, value] of given(saidTraits)) {
      const signed = counted.get(name);
      const trait = prefix + name;
      if (signed === undefined && unprovenTraits === "apply") counted.set(name, value);
      else if (signed === undefined) ignored.push({ trait, reason: "unproven" });
      else if (signed !== value && !(trait === "phone" && isSamePhone(signed, value)))
        ignored.push({ trait, reason: "differs-from-proof" });
    }
    return Object.fromEntries(counted);
  };
  const own = ({ name, email, plan, phone }: Traits): Values => ({ name, email, plan, phone });
  const company = ({ company }: Traits): Values => (company === null ? NO_COMPANY : company);
  const ofUser = merge(own(said), own(proven));
  const ofCompany = merge(company(said), company(proven), "company.");
  return {
    traits: {
      ...ofUser,
      ...(Object.keys(ofCompany).length > 0 && { company: ofCompany }),
      fields: merge(said.fields, proven.fields),
    },
    ignored,
  };
}

/** Who belongs to no company any more. */
const NO_COMPANY = { id: null, name: null, plan: null };

type Values = Record<string, string | null | undefined> | null | undefined;

/** What is said: a value, or that there is none any more. */
const given = (values: Values): [string, string | null][] =>
  Object.entries(values ?? {}).flatMap(([trait, value]) => (value === undefined ? [] : [[trait, value]]));

import { selectTraits } from "./contact-traits.ts";
import type { Courier } from "./courier/courier.ts";
import type { Ledger, Recorded } from "./ledger/ledger.ts";
import type { Log } from "./log.ts";
import { Problem } from "./problems.ts";
import { type ProofPolicy, prove } from "./proof/proof.ts";
import type { DeliveryStatus, IdentifyAnswer, IdentifyRequest, IgnoredTrait } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import type { TokenSigner } from "./token/token.ts";

/** How long a page waits for Vambe before it is told `queued`, in milliseconds. */
const PATIENCE_MS = 2000;

export interface Parts {
  settings: Settings;
  proofs: ProofPolicy;
  ledger: Ledger;
  courier: Courier;
  /** Counts the requests from each network. */
  perAddress: { count(network: string | undefined): Promise<Record<string, string>> };
  /** Counts the identifies of each proven user. */
  perUser: { count(user: string): Promise<unknown> };
  tokens: TokenSigner;
  log: Log;
}

export interface Identify {
  body: IdentifyRequest;
  /** Names in the page's `user` that the protocol does not know. */
  unknownTraits: string[];
  /** What carried it; its body has been read. */
  request: Request;
  /** The page's origin, which has been checked. */
  origin: string;
  requestId: string;
}

/**
 * Prove, record, deliver, sign.
 * @throws {Problem} where the user is not proven or the claim cannot be stored. Nothing has happened then.
 */
export async function identify(
  parts: Parts,
  { body, unknownTraits, request, origin, requestId }: Identify,
): Promise<IdentifyAnswer> {
  const { channelId, fields } = parts.settings;
  const { user, ignored } = await prove(
    { user: body.user, proof: body.proof ?? undefined, request },
    parts.proofs,
  );
  if (user.verified) await parts.perUser.count(user.id);
  const selection = selectTraits(user, fields);

  const key = { channelId, userId: user.id };
  const recorded = await store(parts, { ...key, verified: user.verified, traits: selection.contact });
  const { status, left } = await deliver(parts, key, recorded, selection.applied);
  const { token, expiresAt } = await parts.tokens.sign({
    id: user.id,
    verified: user.verified,
    channelId,
    audience: origin,
  });

  const unknown: IgnoredTrait[] = unknownTraits.map((trait) => ({ trait, reason: "unknown-trait" }));
  return {
    status,
    user: { id: user.id, verified: user.verified },
    applied: [...selection.applied.keys()].filter((name) => !left.some(({ trait }) => trait === name)),
    ignored: [...ignored, ...selection.ignored, ...left, ...unknown],
    token,
    expires_at: expiresAt,
    request_id: requestId,
  };
}

async function store({ ledger, log }: Parts, claim: Parameters<Ledger["record"]>[0]): Promise<Recorded> {
  try {
    return await ledger.record(claim, Date.now());
  } catch (error) {
    log.error("an identify could not be stored and was refused", { cause: error });
    throw new Problem("storage-unavailable", "The exchange cannot write its database.", {
      headers: { "retry-after": "5" },
    });
  }
}

/** What became of it, and which of the traits that were to be applied were left out. */
async function deliver(
  { courier }: Parts,
  key: { channelId: string; userId: string },
  recorded: Recorded,
  applied: ReadonlyMap<string, string>,
): Promise<{ status: DeliveryStatus; left: IgnoredTrait[] }> {
  const leftOut = (reason: IgnoredTrait["reason"], isLeft: (trait: string) => boolean): IgnoredTrait[] =>
    [...applied].filter(([, trait]) => isLeft(trait)).map(([name]) => ({ trait: name, reason }));
  if (recorded.outcome === "unchanged") {
    const left = recorded.overruled
      ? leftOut("unproven", () => true)
      : leftOut("missing-at-vambe", (trait) => recorded.withheld.includes(trait));
    return { status: "unchanged", left };
  }
  const receipt = await courier.deliver(key, recorded.generation, PATIENCE_MS);
  const withheld = receipt.status === "delivered" ? receipt.withheld : [];
  return { status: receipt.status, left: leftOut("missing-at-vambe", (trait) => withheld.includes(trait)) };
}

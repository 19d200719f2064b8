import type { ProvenClaim } from "./claim/prove-claim.ts";
import type { Courier } from "./delivery/delivery-loop.ts";
import type { Claim, Ledger, Recorded } from "./ledger/ledger.ts";
import type { Log } from "./log.ts";
import { Problem } from "./problems.ts";
import type { ProofPolicy } from "./proof/proof.ts";
import type { DeliveryStatus, IdentifyAnswer, IgnoredTrait } from "./protocol.ts";
import type { Settings } from "./settings/check-settings.ts";
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
  claim: ProvenClaim;
  /** The page's origin, which has been checked. */
  origin: string;
  requestId: string;
}

/**
 * Record what has been proven, deliver, sign.
 * @throws {Problem} where the claim cannot be stored. Nothing has happened then.
 */
export async function identify(
  parts: Parts,
  { claim, origin, requestId }: Identify,
): Promise<IdentifyAnswer> {
  const { channelId, userId, verified, applied } = claim;
  if (verified) await parts.perUser.count(userId);
  const recorded = await store(parts, claim);
  const { status, left } = await deliver(parts, claim, recorded);
  const { token, expiresAt } = await parts.tokens.sign({ id: userId, verified, channelId, audience: origin });
  return {
    status,
    user: { id: userId, verified },
    applied: [...applied.keys()].filter((name) => !left.some(({ trait }) => trait === name)),
    ignored: [...claim.ignored, ...left],
    token,
    expires_at: expiresAt,
    request_id: requestId,
  };
}

async function store({ ledger, log }: Parts, claim: Claim): Promise<Recorded> {
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
  { channelId, userId, applied }: ProvenClaim,
  recorded: Recorded,
): Promise<{ status: DeliveryStatus; left: IgnoredTrait[] }> {
  const leftOut = (reason: IgnoredTrait["reason"], isLeft: (trait: string) => boolean): IgnoredTrait[] =>
    [...applied].filter(([, trait]) => isLeft(trait)).map(([name]) => ({ trait: name, reason }));
  if (recorded.outcome === "unchanged") {
    const left = recorded.overruled
      ? leftOut("unproven", () => true)
      : leftOut("missing-at-vambe", (trait) => recorded.withheld.includes(trait));
    return { status: "unchanged", left };
  }
  const receipt = await courier.deliver({ channelId, userId }, recorded.generation, PATIENCE_MS);
  const withheld = receipt.status === "delivered" ? receipt.withheld : [];
  return { status: receipt.status, left: leftOut("missing-at-vambe", (trait) => withheld.includes(trait)) };
}

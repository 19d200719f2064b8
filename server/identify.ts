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
  tokens: TokenSigner;
  log: Log;
}

export interface Identify {
  body: IdentifyRequest;
  /** Names in the page's `user` that the protocol does not know. */
  unknownTraits: string[];
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
  { body, unknownTraits, origin, requestId }: Identify,
): Promise<IdentifyAnswer> {
  const { channelId, fields } = parts.settings;
  const { user, ignored } = await prove({ user: body.user, proof: body.proof ?? undefined }, parts.proofs);
  const selection = selectTraits(user, fields);

  const key = { channelId, userId: user.id };
  const recorded = await store(parts, { ...key, verified: user.verified, traits: selection.contact });
  const { status, withheld } = await deliver(parts, key, recorded);
  const { token, expiresAt } = await parts.tokens.sign({
    id: user.id,
    verified: user.verified,
    channelId,
    audience: origin,
  });

  const isMissing = (name: string) => withheld.includes(selection.applied.get(name) ?? "");
  const names = [...selection.applied.keys()];
  const missing: IgnoredTrait[] = names
    .filter(isMissing)
    .map((trait) => ({ trait, reason: "missing-at-vambe" }));
  const unknown: IgnoredTrait[] = unknownTraits.map((trait) => ({ trait, reason: "unknown-trait" }));
  return {
    status,
    user: { id: user.id, verified: user.verified },
    applied: names.filter((name) => !isMissing(name)),
    ignored: [...ignored, ...selection.ignored, ...missing, ...unknown],
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

async function deliver(
  { courier }: Parts,
  key: { channelId: string; userId: string },
  recorded: Recorded,
): Promise<{ status: DeliveryStatus; withheld: string[] }> {
  if (recorded.outcome === "unchanged") return { status: "unchanged", withheld: recorded.withheld };
  const receipt = await courier.deliver(key, recorded.generation, PATIENCE_MS);
  return { status: receipt.status, withheld: receipt.status === "delivered" ? receipt.withheld : [] };
}

import type { Asked, ProveClaim } from "./claim/prove-claim.ts";
import type { ProvenClaim } from "./claim/proven-claim.ts";
import type { DeliveryLoop } from "./delivery/delivery-loop.ts";
import type { Contacts } from "./ledger/contract/contacts.ts";
import type { Recorded } from "./ledger/row.ts";
import type { Log } from "./log.ts";
import { Problem } from "./problems.ts";
import type { DeliveryStatus, IdentifyAnswer, IgnoredTrait } from "./protocol.ts";
import type { TokenSigner } from "./token/token.ts";
import type { SignForWebchat } from "./vambe/webchat-token.ts";

/** How long a page waits for Vambe before it is told `queued`, in milliseconds. */
const PATIENCE_MS = 2000;

/** What an identify passes through, in this order. */
export interface Parts {
  prove: ProveClaim;
  ledger: Pick<Contacts, "record">;
  deliveries: Pick<DeliveryLoop, "deliver">;
  tokens: Pick<TokenSigner, "sign">;
  /** Where the site has given the webchat's secret. */
  signForWebchat: SignForWebchat | undefined;
  log: Log;
}

export interface Identify {
  asked: Asked;
  /** The origin that the token is for, which has been checked. */
  audience: string;
  requestId: string;
  /** Counts an identify of this proven user, or of one whom nothing proves. @throws {Problem} */
  admit(user: string | undefined): Promise<unknown>;
}

/**
 * One identify: prove, record, deliver, sign.
 * @throws {Problem} where the user is not proven or the claim cannot be stored. Nothing has happened then.
 */
export async function identify(
  parts: Parts,
  { asked, audience, requestId, admit }: Identify,
): Promise<IdentifyAnswer> {
  const claim = await parts.prove(asked);
  const { channelId, userId, verified } = claim;
  await admit(verified ? userId : undefined);
  const recorded = await record(parts, claim);
  const { status, left } = await deliver(parts, claim, recorded);
  const { token, expiresAt } = await parts.tokens.sign({ id: userId, verified, channelId, audience });
  // An unproven id must not open anybody's conversation.
  const forWebchat = verified
    ? await parts.signForWebchat?.({ id: userId, name: claim.provenName })
    : undefined;
  return {
    status,
    user: { id: userId, verified },
    applied: [...claim.applied.keys()].filter((name) => !left.some(({ trait }) => trait === name)),
    ignored: [...claim.ignored, ...left],
    token,
    expires_at: expiresAt,
    ...(forWebchat && { webchat_token: forWebchat.token }),
    request_id: requestId,
  };
}

async function record({ ledger, log }: Parts, claim: ProvenClaim): Promise<Recorded> {
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
  { deliveries }: Parts,
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
  const receipt = await deliveries.deliver({ channelId, userId }, recorded.generation, PATIENCE_MS);
  const withheld = receipt.status === "delivered" ? receipt.withheld : [];
  return { status: receipt.status, left: leftOut("missing-at-vambe", (trait) => withheld.includes(trait)) };
}

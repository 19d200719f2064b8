import type { Asked, ProveClaim } from "./claim/prove-claim.ts";
import type { ProvenClaim } from "./claim/proven-claim.ts";
import type { Deliveries } from "./delivery/deliveries.ts";
import type { Contacts, Look } from "./ledger/contract/contacts.ts";
import type { ProvenWrites } from "./ledger/proven-writes.ts";
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
  ledger: Pick<Contacts, "look" | "record">;
  writes: Pick<ProvenWrites, "doubt">;
  /** How long what Vambe has confirmed counts, in milliseconds; left out, for ever. */
  refreshAfterMs: number | undefined;
  deliveries: Pick<Deliveries, "deliver" | "wake">;
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

/** What becomes of an identify, and by which kind of proof. */
export interface Identified {
  answer: IdentifyAnswer;
  provenBy: ProvenClaim["by"];
}

/**
 * One identify: prove, record, deliver, sign.
 * @throws {Problem} where the user is not proven or the claim cannot be stored. Nothing has happened then.
 */
export async function identify(
  parts: Parts,
  { asked, audience, requestId, admit }: Identify,
): Promise<Identified> {
  const claim = await parts.prove(asked);
  const { channelId, userId, verified, actor } = claim;
  const looks = actor ? undefined : lookAt(parts.ledger, claim);
  await admit(verified ? userId : undefined);
  const { status, left } = looks
    ? await deliver(parts, claim, await record(parts, claim, looks))
    : leftAlone(claim);
  const { token, expiresAt } = await parts.tokens.sign({ id: userId, verified, actor, channelId, audience });
  const isOld = (name: string) =>
    left.some(({ trait, reason }) => trait === name && reason === "older-than-known");
  const { name, plan } = claim.shown;
  const shown = {
    ...(name !== undefined && !isOld("name") && { name }),
    ...(plan !== undefined && !isOld("plan") && { plan }),
  };
  // Neither an unproven id nor somebody who acts for the user may open the user's conversation.
  const forWebchat =
    verified && !actor ? await parts.signForWebchat?.({ id: userId, name: shown.name }) : undefined;
  const answer: IdentifyAnswer = {
    status,
    user: { id: userId, verified, ...shown },
    ...(actor && { actor }),
    applied: [...claim.applied.keys()].filter((name) => !left.some(({ trait }) => trait === name)),
    ignored: [...claim.ignored, ...left],
    token,
    expires_at: expiresAt,
    expires_in: Math.max(0, expiresAt - Math.floor(Date.now() / 1000)),
    ...(forWebchat && { webchat_token: forWebchat.token }),
    request_id: requestId,
  };
  return { answer, provenBy: claim.by };
}

/** What becomes of a claim on which nothing is written: Vambe must not take an actor's visit for the user's. */
const leftAlone = ({ applied }: ProvenClaim): Outcome => ({
  status: "unchanged",
  left: [...applied.keys()].map((trait) => ({ trait, reason: "by-actor" })),
});

/** Looks at a user's rows that are on their way. */
interface Looks {
  look: Look | undefined;
  onWhatsapp: Look | undefined;
}

/** In the same turn as the request is counted: where both are asked of a server, they go out together. */
const lookAt = (ledger: Parts["ledger"], claim: ProvenClaim): Looks => ({
  look: ledger.look(claim),
  onWhatsapp: claim.onWhatsapp && ledger.look(claim.onWhatsapp),
});

async function record(
  { ledger, writes, refreshAfterMs, deliveries, log }: Parts,
  claim: ProvenClaim,
  looks: Looks,
): Promise<Recorded> {
  const { onWhatsapp } = claim;
  try {
    const recorded = await ledger.record(claim, Date.now(), { refreshAfterMs, look: looks.look });
    if (onWhatsapp) {
      const how = { refreshAfterMs, look: looks.onWhatsapp };
      const { outcome } = await ledger.record(onWhatsapp, Date.now(), how);
      if (outcome === "changed") deliveries.wake(onWhatsapp.channelId);
    }
    return recorded;
  } catch (error) {
    writes.doubt();
    log.error("an identify could not be stored and was refused", { cause: error });
    throw new Problem("storage-unavailable", "The exchange cannot write its database.", {
      headers: { "retry-after": "5" },
    });
  }
}

/** What became of a claim, and which of the traits that were to be applied were left out. */
interface Outcome {
  status: DeliveryStatus;
  left: readonly IgnoredTrait[];
}

/** What nearly every identify comes to: Vambe has all of it, and nothing is left out. */
const WHOLLY_KNOWN: Outcome = { status: "unchanged", left: [] };

const isWhollyKnown = (recorded: Recorded): boolean =>
  recorded.outcome === "unchanged" &&
  recorded.withheld.length === 0 &&
  !recorded.overruled &&
  !recorded.refused &&
  !recorded.outdated;

async function deliver(
  { deliveries }: Parts,
  { channelId, userId, applied }: ProvenClaim,
  recorded: Recorded,
): Promise<Outcome> {
  if (isWhollyKnown(recorded)) return WHOLLY_KNOWN;
  const leftOut = (reason: IgnoredTrait["reason"], isLeft: (trait: string) => boolean): IgnoredTrait[] =>
    [...applied].filter(([, trait]) => isLeft(trait)).map(([name]) => ({ trait: name, reason }));
  const outdated = "outdated" in recorded ? (recorded.outdated ?? []) : [];
  const old = leftOut("older-than-known", (trait) => outdated.includes(trait));
  const isCurrent = (trait: string) => !outdated.includes(trait);
  const notTaken = (withheld: string[], refused: string[]) => [
    ...leftOut(
      "missing-at-vambe",
      (trait) => isCurrent(trait) && withheld.includes(trait) && !refused.includes(trait),
    ),
    ...leftOut("rejected-by-vambe", (trait) => isCurrent(trait) && refused.includes(trait)),
  ];
  if (recorded.outcome === "unchanged") {
    const { overruled, withheld, refused = [] } = recorded;
    const left = overruled ? leftOut("unproven", () => true) : notTaken(withheld, refused);
    return { status: "unchanged", left: [...old, ...left] };
  }
  const rejected = () => ({ status: "rejected", left: leftOut("rejected-by-vambe", () => true) }) as const;
  if (recorded.outcome === "rejected") return rejected();
  const isNew = recorded.outcome === "changed";
  const receipt = await deliveries.deliver({ channelId, userId }, recorded.generation, PATIENCE_MS, isNew);
  if (receipt.status === "rejected") return rejected();
  const left = receipt.status === "delivered" ? notTaken(receipt.withheld, receipt.refused) : [];
  return { status: receipt.status, left: [...old, ...left] };
}

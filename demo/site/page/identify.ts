import type { IdentifyError, Identity } from "../../../widget/types.ts";
import type { SignedIn } from "./account.ts";
import type { Act, createStory, Outcome } from "./story.ts";

export type Claim = Pick<SignedIn, "id" | "name" | "email"> & { plan: string | null; proof?: string };

/** Before the script is there, the snippet's first line only takes the call down, and gives no promise. */
const vambeIdentify = (claim: Claim | null): Promise<Identity | null> | undefined =>
  claim ? window.VambeIdentify?.(claim) : window.VambeIdentify?.(null);

/** The traits of the user as the site's backend gave them, beside the proof that covers them. */
export const claimOf = ({ id, name, email, plan, proof }: SignedIn): Claim => ({
  id,
  name,
  email,
  plan,
  proof,
});

const LEFT_BY_THEN_MS = 3000;

/** As the widget says it of a call after which a newer one came. */
const RETIRED: Outcome = {
  kind: "error",
  code: "superseded",
  detail: "A newer call came.",
  page: undefined,
  requestId: undefined,
  refused: false,
};

/** Calls VambeIdentify and writes into the story what came of it. */
export function createIdentify(story: ReturnType<typeof createStory>, chatWasTold: () => boolean) {
  let underWay = 0;
  let lastId: string | null = null;
  let withoutPromise: Act | null = null;

  window.addEventListener("vambe:identified", ({ detail: identity }) => {
    settleFromEvent("The widget identified again", identity.id, identityOutcome(identity));
  });
  window.addEventListener("vambe:error", ({ detail: error }) => {
    settleFromEvent("The widget tried again", null, errorOutcome(error));
  });

  /** Calls that the widget made by itself, and calls from before it had loaded, are only known by their events. */
  function settleFromEvent(title: string, user: string | null, outcome: Outcome): void {
    if (underWay > 0) return;
    if ("requestId" in outcome && outcome.requestId && story.has(outcome.requestId)) return;
    story.settle(withoutPromise ?? story.begin(title, user), outcome);
    withoutPromise = null;
  }

  return async function identify(title: string, claim: Claim | null): Promise<void> {
    const act = story.begin(title, claim?.id ?? null);
    const reloads = chatWasTold() && claim?.id !== lastId;
    lastId = claim?.id ?? null;
    // Before the call: nothing that comes after is sure to be run.
    if (reloads && claim) story.settle(act, { kind: "reload", reloads });
    if (!claim) story.settle(act, { kind: "reset", reloads });
    // Of two calls from before the script had loaded, nothing tells the page what became of the first.
    if (withoutPromise) story.settle(withoutPromise, RETIRED);
    const result = vambeIdentify(claim);
    withoutPromise = claim && !result ? act : null;
    if (!result) return;
    underWay += 1;
    const outcome = await result.then(
      (identity): Outcome => (identity ? identityOutcome(identity) : { kind: "reset", reloads: false }),
      errorOutcome,
    );
    const tookMs = Date.now() - act.at;
    // In a page that is being left, an answer may still come, or an error that says no more than that.
    if (reloads) await new Promise((resolve) => setTimeout(resolve, LEFT_BY_THEN_MS));
    underWay -= 1;
    story.settle(act, outcome, tookMs);
  };
}

function identityOutcome({ status, applied, ignored, requestId }: Identity): Outcome {
  return { kind: "identity", status, applied, ignored, requestId };
}

function errorOutcome({ code, detail, type, status, requestId }: IdentifyError): Outcome {
  return {
    kind: "error",
    code,
    detail,
    page: type,
    requestId,
    refused: status !== undefined && status < 500,
  };
}

import { ClaimsSeen } from "../../claim/claim-cache.ts";
import { proveClaim } from "../../claim/prove-claim.ts";
import { identify, type Parts } from "../../identify.ts";
import type { Evidence } from "../../proof/proof.ts";
import type { IdentifyAnswer } from "../../protocol.ts";
import { checkIsJson, mediaType, parseJson, readText } from "../body.ts";
import { type Answer, type Call, jsonAnswer } from "../call.ts";
import { clientNetwork } from "../client-network.ts";
import { checkFetchMetadata } from "../fetch-metadata.ts";
import { about, type PageAnswers } from "../page-answers.ts";
import { checkIdentifyBody } from "./identify-body.ts";
import { readTokenRequest, tokenAnswer, tokenRefusal } from "./token-request.ts";

/** What is answered to the two posts that identify somebody. Neither rejects: an error is an answer too. */
export interface IdentifyCalls {
  /** `POST /identify` */
  identify(call: Call): Promise<Answer>;
  /** `POST /token` */
  token(call: Call): Promise<Answer>;
}

/** The standard request is made where a kind of proof asks for it, which few do. */
const evidenceIn = (call: Call, said: Omit<Evidence, "request">): Evidence => ({
  ...said,
  get request() {
    return call.request();
  },
});

export function createIdentifyCalls(parts: Parts, answers: PageAnswers): IdentifyCalls {
  const { settings, log } = parts;
  const { origins } = answers;
  // Apart, since one text could be read in both ways.
  const seen = { identify: new ClaimsSeen(), token: new ClaimsSeen() };

  async function answerIdentify(call: Call): Promise<Answer> {
    const origin = origins.check(call);
    const limits = await admit(call);
    checkIsJson(call);
    const text = await readText(call);
    const claim = await seen.identify.get(text, () => {
      const { body, unknownTraits } = checkIdentifyBody(parseJson(text));
      const evidence = evidenceIn(call, { user: body.user, proof: body.proof ?? undefined });
      return proveClaim(evidence, unknownTraits, parts.proofs, settings);
    });
    const answer = await identify(parts, { claim, origin, requestId: call.id });
    noteIdentified(call, answer);
    return jsonAnswer(answer, 200, { ...answers.headersFor(call), ...limits });
  }

  async function answerToken(call: Call): Promise<Answer> {
    const headers = answers.headersFor(call);
    try {
      // A client that is no browser sends no Origin. It has to bring a proof all the same.
      const origin = call.headers.get("origin") === null ? undefined : origins.check(call);
      const limits = await admit(call);
      const text = await readText(call);
      const asked = readTokenRequest(mediaType(call), text, origin, settings.allowedOrigins);
      const claim = await seen.token.get(text, () =>
        proveClaim(evidenceIn(call, asked.evidence), [], parts.proofs, settings),
      );
      const answer = await identify(parts, { claim, origin: asked.audience, requestId: call.id });
      noteIdentified(call, answer);
      const granted = tokenAnswer(answer, asked.tokenType);
      return jsonAnswer(granted, 200, { ...headers, ...limits, pragma: "no-cache" });
    } catch (error) {
      const refusal = tokenRefusal(error, settings.publicUrl, call.id);
      if (!refusal) throw error;
      log.warn("refused", { ...about(call), status: refusal.status, problem: refusal.problem });
      return jsonAnswer(refusal.body, refusal.status, { ...headers, ...refusal.headers });
    }
  }

  /** Lets a call in that a script made, unless there were too many. Returns the headers that tell how many are left. */
  function admit(call: Call): Promise<Record<string, string>> {
    checkFetchMetadata(call);
    const forwardedFor = call.headers.get("x-forwarded-for");
    return parts.perAddress.count(clientNetwork(call.address, forwardedFor, settings.trustProxy));
  }

  function noteIdentified(call: Call, { status, user }: IdentifyAnswer): void {
    log.info("identified", { ...about(call), status: 200, delivery: status, verified: user.verified });
  }

  const orError = (answer: (call: Call) => Promise<Answer>) => (call: Call) =>
    answer(call).catch((error: unknown) => answers.toError(call, error));
  return { identify: orError(answerIdentify), token: orError(answerToken) };
}

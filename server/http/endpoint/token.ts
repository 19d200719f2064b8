import { identify } from "../../identify.ts";
import { mediaType, readText } from "../body.ts";
import { type Answer, type Call, type Endpoint, jsonAnswer } from "../call.ts";
import { evidenceIn } from "../evidence.ts";
import { about, noteIdentified } from "../page-answers.ts";
import type { Identifying } from "../served.ts";
import { readTokenRequest, tokenAnswer, tokenRefusal } from "./token-request.ts";

/** `POST /token`: the same exchange in the form of RFC 8693. Its refusals are those of RFC 6749 §5.2. */
export const tokenEndpoint =
  (parts: Identifying): Endpoint =>
  (call) =>
    exchangeToken(parts, call).catch((error: unknown) => {
      const { settings, answers, log } = parts;
      const refusal = tokenRefusal(error, settings.publicUrl, call.id);
      if (!refusal) throw error;
      log.warn("refused", { ...about(call), status: refusal.status, problem: refusal.problem });
      return jsonAnswer(refusal.body, refusal.status, { ...answers.headersFor(call), ...refusal.headers });
    });

async function exchangeToken(parts: Identifying, call: Call): Promise<Answer> {
  const { settings, answers, admit, log } = parts;
  // A client that is no browser sends no Origin. It has to bring a proof all the same.
  const origin = call.headers.get("origin") === null ? undefined : answers.origins.check(call);
  const limits = await admit(call);
  const text = await readText(call);
  const asked = readTokenRequest(mediaType(call), text, origin, settings.allowedOrigins);
  const evidence = evidenceIn(call, asked.evidence);
  const { answer } = await identify(parts, {
    asked: { form: "token", text, read: () => ({ evidence, unknownTraits: [] }) },
    audience: asked.audience,
    requestId: call.id,
  });
  noteIdentified(log, call, answer);
  const granted = tokenAnswer(answer, asked);
  return jsonAnswer(granted, 200, { ...answers.headersFor(call), ...limits, pragma: "no-cache" });
}

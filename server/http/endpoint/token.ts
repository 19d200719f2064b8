import { identify } from "../../identify.ts";
import { mediaType, readText } from "../body.ts";
import { type Answer, type Call, type Endpoint, jsonAnswer } from "../call.ts";
import { CallEvidence } from "../evidence.ts";
import type { Served } from "../served.ts";
import { readTokenRequest, tokenAnswer, tokenRefusal } from "./token-request.ts";

/** `POST /token`: the same exchange in the form of RFC 8693. Its refusals are those of RFC 6749 §5.2. */
export const tokenEndpoint =
  (parts: Served): Endpoint =>
  (call) =>
    exchangeToken(parts, call).catch(async (error: unknown) => {
      const { settings, answers, admission } = parts;
      const refusalOf = (thrown: unknown) => tokenRefusal(thrown, settings.publicUrl, call.id);
      const refusal = refusalOf(await admission.refusal(call, error, refusalOf(error)?.status ?? 500));
      if (!refusal) throw error;
      answers.noteRefused(call, { status: refusal.status, problem: refusal.problem });
      const headers = { ...answers.headersFor(call), ...refusal.headers };
      return { ...jsonAnswer(refusal.body, refusal.status, headers), problem: refusal.problem };
    });

async function exchangeToken(parts: Served, call: Call): Promise<Answer> {
  const { answers, admission } = parts;
  // A client that is no browser sends no Origin. It has to bring a proof all the same.
  const origin = call.headers.get("origin") === null ? undefined : answers.origins.check(call);
  const { admit, headers } = admission.begin(call);
  const text = await readText(call);
  const asked = readTokenRequest(mediaType(call), text, origin, answers.origins);
  const evidence = new CallEvidence(call, asked.evidence);
  const identified = await identify(parts, {
    asked: { form: "token", text, read: () => ({ evidence, ignored: [] }) },
    audience: asked.audience,
    requestId: call.id,
    admit,
  });
  answers.noteIdentified(call, identified, asked.audience);
  const granted = tokenAnswer(identified.answer, asked);
  return jsonAnswer(granted, 200, { ...answers.headersFor(call), ...headers, pragma: "no-cache" });
}

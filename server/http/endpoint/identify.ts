import type { Said } from "../../claim/prove-claim.ts";
import { identify } from "../../identify.ts";
import { checkIsJson, parseJson, readText } from "../body.ts";
import { type Call, type Endpoint, jsonAnswer } from "../call.ts";
import { CallEvidence } from "../evidence.ts";
import type { Served } from "../served.ts";
import { checkIdentifyBody } from "./identify-body.ts";

/** `POST /identify` */
export const identifyEndpoint =
  (parts: Served): Endpoint =>
  async (call) => {
    const { answers, admission } = parts;
    const audience = answers.origins.check(call);
    const { admit, headers } = admission.begin(call);
    checkIsJson(call);
    const text = await readText(call);
    const identified = await identify(parts, {
      asked: { form: "identify", text, read: () => read(text, call) },
      audience,
      requestId: call.id,
      admit,
    });
    answers.noteIdentified(call, identified, audience);
    return jsonAnswer(identified.answer, 200, { ...answers.headersFor(call), ...headers });
  };

function read(text: string, call: Call): Said {
  const { body, ignored } = checkIdentifyBody(parseJson(text));
  return { evidence: new CallEvidence(call, { user: body.user, proof: body.proof ?? undefined }), ignored };
}

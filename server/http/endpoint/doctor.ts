import { version } from "#built-in";
import { answerTo, readOperatorRequest, type Seen } from "../../operator-request.ts";
import { Problem } from "../../problems.ts";
import { settingDigests } from "../../settings/digests.ts";
import { cameFrom } from "../admission/came-from.ts";
import { forwardedHops, xForwardedForHops } from "../admission/hops.ts";
import { parseJson, readText } from "../body.ts";
import { type Call, type Endpoint, jsonAnswer } from "../call.ts";
import { always, PRIVATE } from "../page-answers.ts";
import type { Served } from "../served.ts";

/**
 * `POST /doctor`: says to its operator who answers here, and what has become of the request on its way. To everybody else
 * it says that they are none: what it tells would help to find out what the proxies in front believe.
 */
export const doctorEndpoint =
  ({ settings, operatorKey }: Pick<Served, "settings" | "operatorKey">): Endpoint =>
  async (call) => {
    const asked = readOperatorRequest(operatorKey, parseJson(await readText(call)), Date.now());
    if (!asked)
      throw new Problem("proof-signature", "The request is not signed by this exchange's operator.");
    const { network, doubt } = cameFrom(call, settings.trustProxy);
    const seen: Seen = {
      version,
      publicUrl: settings.publicUrl,
      origin: call.headers.get("origin"),
      contentLength: call.headers.get("content-length"),
      hops: hopsOf(call),
      network: network ?? null,
      doubt: doubt ?? null,
      settings: settingDigests(settings, (text) => operatorKey.vouch("setting", text).slice(0, 12)),
    };
    return jsonAnswer(answerTo(asked, operatorKey, seen), 200, { ...always(call), ...PRIVATE });
  };

function hopsOf({ headers }: Call): number {
  const [xForwardedFor, forwarded] = [headers.get("x-forwarded-for"), headers.get("forwarded")];
  if (xForwardedFor !== null) return xForwardedForHops(xForwardedFor).length;
  return forwarded === null ? 0 : (forwardedHops(forwarded)?.length ?? 0);
}

import { check } from "../check.ts";
import { type Finding, failed, ok, skipped } from "../finding.ts";
import { type Reached, reach } from "../reach.ts";
import { isOurProblem, slugOf } from "./arrival.ts";
import { exchangeAt } from "./reached.ts";

/** More are not asked at once. */
const MOST = 20;
const ITS_OWN =
  "let the proxy send OPTIONS on to the exchange, and add no Access-Control headers of its own: the exchange has them all";

/** Whether a browser lets pages of each origin identify users: what it asks before it does. */
export const preflights = check({
  name: "preflight",
  needs: ["allowedOrigins"],
  after: (patient) => patient.arrival(),
  look: async ({ allowedOrigins }, { patient, signal }) => {
    const url = await exchangeAt(patient.arrival());
    const findings = await Promise.all(
      allowedOrigins.slice(0, MOST).map((listed) => preflight(url, listed, signal)),
    );
    const left = allowedOrigins.length - MOST;
    return left > 0
      ? [...findings, skipped("preflight", `${left} more origins were not asked for`)]
      : findings;
  },
});

/** @param listed with a `*`, of which any name may be in the place */
async function preflight(url: string, listed: string, signal: AbortSignal): Promise<Finding> {
  const origin = listed.replace("*", "doctor");
  const reached = await reach(`${url}/identify`, "VAMBE_PUBLIC_URL", {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
    signal,
  });
  return judged(listed, origin, reached);
}

function judged(listed: string, origin: string, { status, headers, json }: Reached): Finding {
  const name = "preflight";
  if (slugOf(json) === "rate-limited") return skipped(name, `${listed}: too many requests come from here`);
  if (slugOf(json) === "origin-not-allowed") {
    const isThere = !String(Object(json).detail).includes("no Origin");
    return failed(
      name,
      isThere
        ? `${listed} may not identify users at the running exchange`
        : `${listed}: no Origin arrives at the exchange`,
      isThere
        ? "restart the exchange with this VAMBE_ALLOWED_ORIGINS"
        : "let the proxy pass the header Origin on as it is",
    );
  }
  if (isOurProblem(json))
    return failed(name, `${listed} is refused (${slugOf(json)})`, "look at the exchange's log");
  if (status >= 300) {
    return failed(name, `${listed}: something in front answers ${status} to OPTIONS`, ITS_OWN);
  }
  const allowed = headers.get("access-control-allow-origin");
  const takesJson = /content-type|^\*$/i.test(headers.get("access-control-allow-headers") ?? "");
  if (allowed === origin && takesJson) return ok(name, `${listed} may identify users`);
  const how =
    allowed === null ? "names no origin" : allowed.includes(",") ? "names origins twice" : "names another";
  return failed(
    name,
    `${listed}: the answer ${allowed === origin ? "does not let JSON be posted" : how}, so browsers refuse it`,
    ITS_OWN,
  );
}

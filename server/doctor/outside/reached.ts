import { isLoopbackHost } from "../../guarded-fetch/secure-url.ts";
import { check } from "../check.ts";
import { failed, ok, warning } from "../finding.ts";
import { NotTold } from "../limits.ts";
import { Unreachable } from "../reach.ts";
import type { Arrival } from "./arrival.ts";

const NAME = "public URL";

/** Whether the public URL leads to an exchange, and may be what browsers use. */
export const publicUrl = check({
  name: NAME,
  needs: ["publicUrl"],
  after: (patient) => patient.arrival(),
  look: async ({ publicUrl: url }, { patient }) => {
    let arrival: Arrival;
    try {
      arrival = await patient.arrival();
    } catch (error) {
      if (error instanceof Unreachable) return failed(NAME, `${url}: ${error.message}`, error.remedy);
      return failed(
        NAME,
        `${url} does not answer in time`,
        "look at the proxy in front, and at the firewall",
      );
    }
    if (!arrival.isExchange) return failed(NAME, `${url} ${arrival.says}`, arrival.remedy);
    const { allowedOrigins = [] } = patient.holds;
    if (isOnlyHere(url) && !allowedOrigins.every(isOnlyHere)) {
      return warning(
        NAME,
        `${url} is this machine, where visitors of your pages do not come`,
        "set VAMBE_PUBLIC_URL to the https address that browsers have the exchange at",
      );
    }
    return ok(NAME, `${url} leads to an exchange (${arrival.tookMs} ms)`);
  },
});

const isOnlyHere = (url: string): boolean => isLoopbackHost(URL.parse(url.replace("*.", ""))?.hostname ?? "");

/** @throws {NotTold} unless there is an exchange at the public URL */
export async function exchangeAt(arrival: Promise<Arrival>): Promise<string> {
  const there = await arrival.catch(() => undefined);
  if (!there?.isExchange) throw new NotTold("no exchange was reached at VAMBE_PUBLIC_URL");
  return there.url;
}

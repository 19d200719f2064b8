import { guardedGet } from "../guarded-fetch/guarded-get.ts";
import { isLoopbackHost } from "../guarded-fetch/secure-url.ts";
import { CLOCK_TOLERANCE_S } from "../proof/jwt-refusal.ts";
import { type Issuer, withoutSlash } from "../proof/oidc/issuer.ts";
import { check } from "./check.ts";
import { type Finding, failed, ok, skipped, warning } from "./finding.ts";
import { issuersOf } from "./proofs/issuers-of.ts";
import { aheadOf } from "./reach.ts";

/** From here on it is worth a warning, in seconds: half of what proofs may be off. */
const NOTICEABLE_S = 30;
const REMEDY = "let the machine's clock follow a time server (NTP: timedatectl set-ntp true)";

/** This machine's clock, against those of Vambe and the issuers: all that has times in it depends on it. */
export const clock = check({
  name: "clock",
  after: (patient) => patient.vambe(),
  look: async (_, { patient, signal }) => {
    const vambe = await patient.vambe().catch(() => undefined);
    const issuers = issuersOf(patient.holds);
    const dates = await Promise.all(issuers.map((issuer) => aheadOfIssuer(issuer, signal)));
    const all = [{ who: "Vambe", aheadMs: vambe?.aheadMs }, ...dates];
    const told = all.filter((one): one is Told => one.aheadMs !== undefined);
    return told.length === 0
      ? skipped("clock", "nobody could be reached who tells the time")
      : told.map(judged);
  },
});

interface Told {
  who: string;
  aheadMs: number;
}

function judged({ who, aheadMs }: Told): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  // Here is what matters: theirs is ahead, so this one is behind.
  const says = `is ${seconds} s ${aheadMs > 0 ? "behind" : "ahead of"} that of ${who}`;
  if (seconds > CLOCK_TOLERANCE_S) {
    return failed("clock", `${says}: proofs are refused as expired, or as made in the future`, REMEDY);
  }
  if (seconds > NOTICEABLE_S)
    return warning("clock", `${says}: from ${CLOCK_TOLERANCE_S} s on, proofs are refused`, REMEDY);
  return ok("clock", seconds === 0 ? `agrees with that of ${who}` : says);
}

async function aheadOfIssuer({ url, jwksUrl }: Issuer, signal: AbortSignal) {
  const address = jwksUrl ?? `${withoutSlash(url)}/.well-known/openid-configuration`;
  const { hostname, host } = new URL(address);
  const reach = { loopback: isLoopbackHost(hostname), privateNetworks: jwksUrl !== undefined };
  const began = Date.now();
  const answer = await guardedGet(address, { reach, anyType: true, signal }).catch(() => undefined);
  return { who: host, aheadMs: aheadOf(answer?.date, began, Date.now()) };
}

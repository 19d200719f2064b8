import type { Seen } from "../../operator-request.ts";
import { type Finding, failed, ok } from "../finding.ts";

/** Of a range that is nobody's (RFC 5737): where a visitor says that he comes from. */
export const MADE_UP = "203.0.113.77";
const NAME = "addresses";

/**
 * Whether the exchange knows visitors apart, and believes nobody's own word for where he comes from. Each proxy in front
 * writes one hop, or writes the header anew.
 * @param madeUp what it has seen of a request that came with a header of its own
 */
export function addresses(seen: Seen, madeUp: Seen | undefined, believed = 0): Finding {
  const { hops, doubt } = seen;
  const through = `${hops} ${hops === 1 ? "proxy writes" : "proxies write"} where a request comes from`;
  const remedy = `set VAMBE_TRUST_PROXY=${hops}, and restart the exchange`;
  if (hops > 0 && believed === 0) {
    return failed(
      NAME,
      `${through}, and VAMBE_TRUST_PROXY believes none: all visitors share one limit`,
      remedy,
    );
  }
  if (hops === 0 && believed > 0) {
    return failed(
      NAME,
      `VAMBE_TRUST_PROXY believes ${believed}, and none writes where a request comes from: visitors can make it up`,
      "let the proxy in front set X-Forwarded-For, or take VAMBE_TRUST_PROXY out where there is none",
    );
  }
  if (hops < believed) {
    return failed(
      NAME,
      `${through}, and VAMBE_TRUST_PROXY believes ${believed}: visitors can make it up`,
      remedy,
    );
  }
  if (hops > believed) {
    return failed(
      NAME,
      `${through}, and VAMBE_TRUST_PROXY believes ${believed}: visitors who come by the same proxy share one limit`,
      remedy,
    );
  }
  if (doubt === "contradiction") {
    return failed(
      NAME,
      "X-Forwarded-For and Forwarded say different things, so neither is believed",
      "let the proxy in front remove the one that it does not write",
    );
  }
  if (madeUp?.network === MADE_UP) {
    return failed(
      NAME,
      "where a request comes from is believed as the visitor writes it",
      "let the proxy in front add to X-Forwarded-For, or write it anew, and not pass it on as it came",
    );
  }
  return ok(
    NAME,
    hops === 0 ? "no proxy is in front, and none is believed" : `${through}, and as many are believed`,
  );
}

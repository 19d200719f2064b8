import { isIP, isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import type { Call } from "../call.ts";
import { forwardedHops, type Hops, xForwardedForHops } from "./hops.ts";

const UNKNOWN = "unknown";
const NAT64 = ipaddr.IPv6.parse("64:ff9b::");

/** What of the proxies' headers does not fit the number of proxies that are believed. */
export type Doubt =
  /** There are such headers, and nobody is believed. */
  | "not-believed"
  /** There are none, and somebody is believed. */
  | "missing"
  /** Fewer hops than are believed: whoever writes the missing ones himself would be believed. */
  | "too-few"
  /** Two that differ, or one that is malformed: a visitor wrote one of them. */
  | "contradiction";

export interface CameFrom {
  /**
   * The network that a call comes from, as far as anything in front is believed: an IPv4 address, or the /64 of an
   * IPv6 address, since one subscriber has a whole one (not so behind NAT64). `undefined` where nothing can be known, and "unknown" where
   * proxies should have said it: all such calls are counted as one.
   */
  network: string | undefined;
  doubt: Doubt | undefined;
}

/**
 * Where a call comes from. Of X-Forwarded-For and Forwarded (RFC 7239) only what the `trustProxy` nearest proxies
 * wrote is believed. A proxy passes on the one of the two that it does not write itself, and nobody can tell from
 * outside which that is. So where both are there they have to agree, or the connection's own address counts: all
 * such calls share one limit, and it helps nobody to add a header.
 */
export function cameFrom(
  { address, headers }: Pick<Call, "address" | "headers">,
  trustProxy: number,
): CameFrom {
  const own = networkOf(address) ?? (trustProxy === 0 ? undefined : UNKNOWN);
  const [xForwardedFor, forwarded] = [headers.get("x-forwarded-for"), headers.get("forwarded")];
  const isThere = xForwardedFor !== null || forwarded !== null;
  if (trustProxy === 0) return { network: own, doubt: isThere ? "not-believed" : undefined };
  if (!isThere) return { network: own, doubt: "missing" };
  const written = [
    ...(xForwardedFor === null ? [] : [xForwardedForHops(xForwardedFor)]),
    ...(forwarded === null ? [] : [forwardedHops(forwarded)]),
  ];
  const networks = written.map((hops) => hops && (farthest(hops, address, trustProxy) ?? own));
  const [network] = networks;
  if (networks.some((one) => one === undefined || one !== network))
    return { network: own, doubt: "contradiction" };
  const isShort = written.some((hops) => hops !== undefined && hops.length < trustProxy);
  return { network, doubt: isShort ? "too-few" : undefined };
}

/** Each proxy appends the address that it was called from, so the last `trustProxy` entries were written by them. */
function farthest(hops: Hops, address: string | undefined, trustProxy: number): string | undefined {
  const believed = [...hops, address].slice(-1 - trustProxy);
  return networkOf(believed.find((hop) => hop !== undefined && isIP(hop) !== 0) ?? address);
}

function networkOf(address: string | undefined): string | undefined {
  if (address === undefined || isIPv4(address) || isIP(address) === 0) return address;
  const plain = ipaddr.process(address.split("%", 1)[0] ?? "");
  if (!(plain instanceof ipaddr.IPv6)) return plain.toString();
  // Whoever comes by way of NAT64 has his IPv4 address in the end (RFC 6052), and a /64 with everybody else.
  if (plain.match(NAT64, 96)) return plain.toByteArray().slice(-4).join(".");
  return `${plain.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/**
 * A network so wide that it names no person, and narrow enough to see whether a flood comes from one place: an
 * IPv4 /24, an IPv6 /48.
 */
export function wideNetwork(network: string | undefined): string | undefined {
  if (network === undefined) return undefined;
  if (isIPv4(network)) return network.replace(/\.\d+$/, ".0/24");
  const [site] = /^([\da-f]+:){3}/.exec(network) ?? [];
  return site && `${site}:/48`;
}

import { isIP, isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * The network that a request comes from, as far as anything in front is believed: an IPv4 address, or the /64 of
 * an IPv6 address, since one subscriber has a whole one. `undefined` where nothing is known.
 * @param address of the connection, where there is one
 * @param forwardedFor the X-Forwarded-For header; only what the `trustProxy` nearest proxies wrote is believed
 */
export function clientNetwork(
  address: string | undefined,
  forwardedFor: string | null,
  trustProxy: number,
): string | undefined {
  if (trustProxy === 0 || forwardedFor === null) return networkOf(address);
  const hops = [...forwardedFor.split(",").map((hop) => hop.trim()), address].filter((hop) => hop !== "");
  // Each proxy appends the address that it was called from, so the last `trustProxy` entries were written by them.
  const believed = hops.slice(-1 - trustProxy).filter((hop) => hop !== undefined);
  return networkOf(believed.find((hop) => isIP(hop) !== 0) ?? address);
}

function networkOf(address: string | undefined): string | undefined {
  if (address === undefined || isIPv4(address) || isIP(address) === 0) return address;
  const plain = ipaddr.process(address.split("%", 1)[0] ?? "");
  if (!(plain instanceof ipaddr.IPv6)) return plain.toString();
  return `${plain.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

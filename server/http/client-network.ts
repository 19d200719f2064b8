import { isIP } from "node:net";

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
  if (address === undefined) return undefined;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || isIP(address) !== 6) return mapped ?? address;
  const [head = "", tail] = address.split("%", 1)[0]?.toLowerCase().split("::") ?? [];
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const before = groups(head);
  const after = groups(tail);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array<string>(Math.max(zeros, 0)).fill("0"), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

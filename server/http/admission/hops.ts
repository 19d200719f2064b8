import { isIP } from "node:net";

/** What each proxy on the way wrote of whoever called it, the nearest last: an IP address, or that it says none. */
export type Hops = readonly (string | undefined)[];

/** The hops of an X-Forwarded-For header. Anything may stand in it; what is no address is a hop without one. */
export const xForwardedForHops = (header: string): Hops =>
  header
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map(addressIn);

const PAIR = /^[\w!#$%&'*+.^`|~-]{1,64}=("?)[\w.:[\]%-]{0,128}\1$/;

/**
 * The hops of a Forwarded header (RFC 7239); `undefined` where it is not well-formed. All of it is looked at, and
 * quoted text may only be what addresses and hosts are made of: otherwise a quote that a visitor has opened, or a
 * host that he has made up, would hide or invent what a proxy says to the right of it.
 */
export function forwardedHops(header: string): Hops | undefined {
  const hops: (string | undefined)[] = [];
  for (const element of header.split(",")) {
    if (element.trim() === "") continue;
    const pairs = element.split(";").map((pair) => pair.trim());
    if (!pairs.every((pair) => PAIR.test(pair))) return undefined;
    const named = pairs.filter((pair) => /^for=/i.test(pair));
    if (named.length > 1) return undefined;
    hops.push(named[0] === undefined ? undefined : addressIn(named[0].slice("for=".length)));
  }
  return hops;
}

/** `1.2.3.4`, `1.2.3.4:5678`, `[2001:db8::1]:5678`, `2001:db8::1`, each with or without quotes. */
function addressIn(text: string): string | undefined {
  const bare = /^"(.*)"$/.exec(text)?.[1] ?? text;
  const [, bracketed, dotted] = /^(?:\[([^\]]{2,64})\]|([\d.]{7,15}))(?::\w{1,32})?$/.exec(bare) ?? [];
  const address = bracketed ?? dotted ?? bare;
  return isIP(address) === 0 ? undefined : address;
}

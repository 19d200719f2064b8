import { isIP } from "node:net";

/**
 * Tells browsers to come by https alone, where that is how they come (RFC 6797): for a year, and without subdomains,
 * which are not the exchange's. It is about a host with all its ports. So it is left out where the host is more than the
 * exchange's: with a path in the public URL it is the site's, whose own header this one would replace; with a port
 * other things may be at the others; and on the visitor's own machine there are other projects.
 */
export function transportSecurity(publicUrl: string): Record<string, string> {
  const { protocol, hostname, port, pathname } = new URL(publicUrl);
  const isOurs = port === "" && pathname === "/" && !isLocal(hostname);
  return protocol === "https:" && isOurs ? { "strict-transport-security": "max-age=31536000" } : {};
}

/** An address is none of a host that browsers would remember. */
const isLocal = (hostname: string) =>
  /(^|\.)localhost\.?$/.test(hostname) || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;

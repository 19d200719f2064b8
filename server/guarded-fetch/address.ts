import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** `never`: link-local, metadata services, documentation, multicast and whatever else is nobody's web server. */
export type AddressKind = "public" | "private" | "loopback" | "never";

/** What each range of the registries means here (`ipaddr.js` has them by RFC). A range that is not named is `never`. */
const KIND_OF_RANGE: Record<string, AddressKind> = {
  loopback: "loopback",
  private: "private",
  carrierGradeNat: "private",
  uniqueLocal: "private",
  unicast: "public",
};

/** What `ipaddr.js` takes for unicast or private, and what must not be asked all the same. */
const NEVER = [
  // Metadata services outside the link-local range: Azure, Alibaba, AWS, Google.
  "168.63.129.16/32",
  "100.100.100.200/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
  // Protocol assignments and documentation.
  "2001::/23",
  "3fff::/20",
].map((range) => ipaddr.parseCIDR(range));

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** What kind of place an IP address is. Text that is not an IP address is `never`. */
export function kindOfAddress(address: string): AddressKind {
  // ipaddr.js also reads forms that only inet_aton knows, such as 127.1.
  if (isIP(address) === 0 || address.includes("%")) return "never";
  const plain = embeddedIpv4(ipaddr.parse(withoutDots(address)));
  if (NEVER.some(([network, bits]) => plain.kind() === network.kind() && plain.match(network, bits)))
    return "never";
  const kind = KIND_OF_RANGE[plain.range()] ?? "never";
  return kind === "public" && plain.kind() === "ipv6" && !plain.match(...GLOBAL_IPV6) ? "never" : kind;
}

/** `::127.0.0.1` → `::7f00:1`: with dots, ipaddr.js takes it for the IPv4-mapped one, which is another address. */
const withoutDots = (address: string) =>
  address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

/** An IPv6 address with an IPv4 address in its last 32 bits: IPv4-mapped, and what NAT64 has made. */
const EMBEDDING = ["::ffff:0:0/96", "64:ff9b::/96"].map((range) => ipaddr.IPv6.parseCIDR(range));

function embeddedIpv4(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  const embeds = address instanceof ipaddr.IPv6 && EMBEDDING.some((range) => address.match(...range));
  return embeds ? ipaddr.fromByteArray(address.toByteArray().slice(12)) : address;
}

import { BlockList, isIPv4, isIPv6 } from "node:net";

/** `never`: link-local, metadata services, documentation, multicast and whatever else is nobody's web server. */
export type AddressKind = "public" | "private" | "loopback" | "never";

/** Whether a URL's host, as `URL` writes it, is this machine by its name alone. */
export const isLoopbackHost = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

const loopback = blocks(["127.0.0.0/8", "::1/128"]);
const never = blocks([
  "0.0.0.0/8",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // Metadata services outside the link-local range: Azure, Alibaba, AWS, Google.
  "168.63.129.16/32",
  "100.100.100.200/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
  // Protocol assignments with Teredo, documentation, 6to4: another address may hide inside.
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
]);
const ofPrivateNetworks = blocks([
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
]);
const globalIpv6 = blocks(["2000::/3"]);

/** What kind of place an IP address is. What cannot be read as one is `never`. */
export function kindOfAddress(address: string): AddressKind {
  const plain = embeddedIpv4(address) ?? address;
  const family = isIPv4(plain) ? "ipv4" : isIPv6(plain) && !plain.includes("%") ? "ipv6" : undefined;
  if (family === undefined || never.check(plain, family)) return "never";
  if (loopback.check(plain, family)) return "loopback";
  if (ofPrivateNetworks.check(plain, family)) return "private";
  return family === "ipv4" || globalIpv6.check(plain, family) ? "public" : "never";
}

/** The IPv4 address inside an IPv4-mapped one (::ffff:0:0/96) or one that NAT64 has made (64:ff9b::/96). */
function embeddedIpv4(address: string): string | undefined {
  const canonical = URL.parse(`http://[${address}]`)?.hostname ?? "";
  const [, high, low] = /^\[(?:::ffff:|64:ff9b::)([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return [high, low]
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join(".");
}

function blocks(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = "", prefix] = subnet.split("/");
    list.addSubnet(network, Number(prefix), isIPv4(network) ? "ipv4" : "ipv6");
  }
  return list;
}

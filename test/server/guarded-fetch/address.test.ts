import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kindOfAddress } from "../../../server/guarded-fetch/address.ts";
import { isLoopbackHost } from "../../../server/guarded-fetch/secure-url.ts";

describe("the kind of an address", () => {
  test.each([
    [
      "public",
      ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "2606:4700::1111"],
    ],
    ["public", ["::ffff:8.8.8.8", "::ffff:808:808", "64:ff9b::808:808"]],
    ["loopback", ["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1"]],
    ["loopback", ["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:7f00:0001", "64:ff9b::7f00:1"]],
    [
      "private",
      ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "fc00::1"],
    ],
    ["private", ["::ffff:10.0.0.1", "::FFFF:192.168.0.1", "64:ff9b::10.0.0.1"]],
    ["never", ["0.0.0.0", "::", "::ffff:0.0.0.0", "255.255.255.255", "224.0.0.1", "ff02::1"]],
    ["never", ["169.254.1.1", "fe80::1", "fe80::1%eth0", "fec0::1", "::ffff:169.254.1.1"]],
    ["never", ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "198.18.0.1", "3fff::1"]],
    ["never", ["2002:7f00:1::", "2001:0:7f00:1::", "::127.0.0.1", "64:ff9b:1::7f00:1", "100::1"]],
    [
      "never",
      ["", "localhost", "example.com", "127.1", "0x7f.0.0.1", "017700000001", "1.2.3.4.5", "::g", "%"],
    ],
  ])("%s: %j", (kind, addresses) => {
    expect(addresses.map((address) => `${address} ${kindOfAddress(address)}`)).toEqual(
      addresses.map((address) => `${address} ${kind}`),
    );
  });

  test.each([
    ["AWS, Azure, Google", "169.254.169.254"],
    ["AWS over IPv6", "fd00:ec2::254"],
    ["Google over IPv6", "fd20:ce::254"],
    ["Alibaba", "100.100.100.200"],
    ["Oracle", "192.0.0.192"],
    ["Azure's wire server", "168.63.129.16"],
    ["AWS, IPv4-mapped", "::ffff:a9fe:a9fe"],
    ["AWS, by way of NAT64", "64:ff9b::a9fe:a9fe"],
  ])("is never that of a metadata service: %s", (_, address) => {
    expect(kindOfAddress(address)).toBe("never");
  });

  test("is the same for an IPv4 address and for all that stand for it", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const other of [
          `::ffff:${address}`,
          `::ffff:${hex}`,
          `0:0:0:0:0:FFFF:${hex}`,
          `64:ff9b::${address}`,
        ]) {
          expect(kindOfAddress(other)).toBe(kindOfAddress(address));
        }
      }),
    );
  });
});

test.each([
  ["http://localhost:1", true],
  ["http://127.0.0.1", true],
  ["http://127.1", true],
  ["http://2130706433", true],
  ["http://[::1]", true],
  ["http://[0:0:0:0:0:0:0:1]", true],
  ["http://localhost.example.com", false],
  ["http://127.0.0.1.example.com", false],
  ["http://localhost.", false],
  ["http://[::ffff:127.0.0.1]", false],
  ["http://10.0.0.1", false],
])("whether a URL's host says that it is this machine: %s", (url, is) => {
  expect(isLoopbackHost(new URL(url).hostname)).toBe(is);
});

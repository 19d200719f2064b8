import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

const tlv = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...contents: Buffer[]) => tlv(0x30, ...contents);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"));
const time = (date: Date) =>
  tlv(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));

const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const SUBJECT_ALT_NAME = oid("551d11");
const BASIC_CONSTRAINTS = oid("551d13");

interface Named {
  name: Buffer;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const newKeys = (commonName: string): Named => ({
  name: sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(commonName))))),
  ...generateKeyPairSync("ec", { namedCurve: "P-256" }),
});

function certificate(subject: Named, issuer: Named, extension: Buffer): { key: string; cert: string } {
  const anHour = 3_600_000;
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, randomBytes(8).fill(1, 0, 1)),
    ECDSA_SHA256,
    issuer.name,
    sequence(time(new Date(Date.now() - anHour)), time(new Date(Date.now() + anHour))),
    subject.name,
    subject.publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(extension)),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign("sha256", body, issuer.privateKey));
  const der = sequence(body, ECDSA_SHA256, signature);
  return {
    key: subject.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

const forHost = (hostname: string) =>
  sequence(SUBJECT_ALT_NAME, tlv(0x04, sequence(tlv(0x82, Buffer.from(hostname)))));

/** A certificate for one host name, signed by itself: good for an hour, and for tests. PEM. */
export function selfSigned(hostname: string): { key: string; cert: string } {
  const keys = newKeys(hostname);
  return certificate(keys, keys, forHost(hostname));
}

/** An authority of one's own, and what it signs. PEM. */
export function certificateAuthority() {
  const authority = newKeys("An authority for tests");
  const mayCertify = sequence(
    BASIC_CONSTRAINTS,
    tlv(0x01, Buffer.from([0xff])),
    tlv(0x04, sequence(tlv(0x01, Buffer.from([0xff])))),
  );
  return {
    cert: certificate(authority, authority, mayCertify).cert,
    issue: (hostname: string) => certificate(newKeys(hostname), authority, forHost(hostname)),
  };
}

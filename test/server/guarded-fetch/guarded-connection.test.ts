import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Reach } from "../../../server/guarded-fetch/guarded-connection.ts";
import { guardedGet } from "../../../server/guarded-fetch/guarded-get.ts";
import { selfSigned } from "../../support/certificate.ts";
import { hang, reply, reset, startUpstream, type Upstream } from "../../support/upstream.ts";
import { reasonOf } from "./reason-of.ts";

const PUBLIC_ONLY: Reach = { loopback: false, privateNetworks: false };
const LOOPBACK: Reach = { loopback: true, privateNetworks: false };
const PRIVATE: Reach = { loopback: false, privateNetworks: true };
const JSON_TYPE = { "content-type": "application/json" };

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream(hang);
});
afterAll(() => upstream[Symbol.asyncDispose]());

describe("an address out of reach", () => {
  const refused = "its address is not one that may be asked";
  const at = (url: string, reach: Reach, addresses: string[] = []) =>
    reasonOf(
      guardedGet(url, {
        reach,
        signal: AbortSignal.timeout(1000),
        lookup: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      }),
    );

  test.each([
    "https://127.0.0.1",
    "https://127.1",
    "https://0x7f000001",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:a9fe:a9fe]",
    "https://0.0.0.0",
    "https://[::]",
    "https://10.0.0.1",
    "https://192.168.1.1",
    "https://100.64.0.1",
    "https://169.254.169.254",
    "https://[fd00::1]",
    "https://[fe80::1]",
    "https://localhost",
  ])("is refused as it is written: %s", async (url) => {
    expect(await at(url, PUBLIC_ONLY, ["127.0.0.1"])).toBe(refused);
  });

  test.each([
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "169.254.169.254",
    "::ffff:127.0.0.1",
    "fd00:ec2::254",
    "0.0.0.0",
  ])("is refused as an answer of the DNS: %s", async (address) => {
    expect(await at("https://issuer.example.com", PUBLIC_ONLY, [address])).toBe(refused);
    // Nor is a name that is not localhost let in because the setting's own host is.
    expect(await at("https://issuer.example.com", LOOPBACK, [address])).toBe(refused);
  });

  test("a name for localhost has to lead to this machine: it is asked without encryption", async () => {
    expect(await at("http://localhost:1", LOOPBACK, ["8.8.8.8"])).toBe(refused);
    expect(await at("http://localhost:1", LOOPBACK, ["10.0.0.1"])).toBe(refused);
  });

  test("of several answers only those within reach are tried", async () => {
    upstream.behave(reply(200, "{}", JSON_TYPE));
    const url = upstream.url.replace("127.0.0.1", "localhost");
    expect(await at(url, LOOPBACK, ["10.0.0.1", "8.8.8.8", "127.0.0.1"])).toMatch(/^{"status":200,"json":{}/);
  });

  test("private networks can be let in, metadata services cannot", async () => {
    expect(await at("https://169.254.169.254", PRIVATE)).toBe(refused);
    expect(await at("https://app.internal", PRIVATE, ["fd00:ec2::254"])).toBe(refused);
    const { port } = new URL(upstream.url);
    upstream.behave(reset());
    // Refused no longer: it gets as far as a handshake that this upstream does not know.
    expect(await at(`https://app.internal:${port}`, PRIVATE, ["127.0.0.1"])).not.toBe(refused);
  });

  test.each([
    "http://issuer.example.com",
    "http://10.0.0.1",
    "ftp://localhost",
    "file:///etc/passwd",
    "nonsense",
  ])("is refused without encryption: %s", async (url) => {
    expect(await at(url, { loopback: true, privateNetworks: true }, ["127.0.0.1"])).toBe(
      "its URL is not https",
    );
  });

  test("a DNS answer that changes between check and use: nothing is sent to where it then leads", async () => {
    const from = upstream.seen.length;
    let connections = 0;
    const { port } = new URL(upstream.url);
    let reads = 0;
    const changing = {
      family: 4,
      get address() {
        return reads++ === 0 ? "93.184.215.14" : "127.0.0.1";
      },
    };
    const bytes: string[] = [];
    upstream.behave((socket, { head }) => {
      connections++;
      bytes.push(head);
      socket.destroy();
    });
    const fetching = guardedGet(`https://issuer.example.com:${port}`, {
      reach: PUBLIC_ONLY,
      signal: AbortSignal.timeout(1000),
      lookup: async () => [changing],
    });
    expect(await reasonOf(fetching)).toBe(refused);
    expect(reads).toBeGreaterThan(1);
    expect([connections, bytes, upstream.seen.length]).toEqual([0, [], from]);
  });

  test("a DNS server that never answers is not waited for", async () => {
    const fetching = guardedGet("https://issuer.example.com", {
      reach: PUBLIC_ONLY,
      signal: AbortSignal.timeout(100),
      lookup: () => new Promise(() => {}),
    });
    expect(await reasonOf(fetching)).toBe("it took too long");
  });

  test("a name that does not exist says so, without the name", async () => {
    const failing = Object.assign(new Error("getaddrinfo ENOTFOUND secret.example.com"), {
      code: "ENOTFOUND",
    });
    const fetching = guardedGet("https://secret.example.com", {
      reach: PUBLIC_ONLY,
      lookup: () => Promise.reject(failing),
    });
    expect(await reasonOf(fetching)).toBe("ENOTFOUND");
  });
});

describe("over TLS", () => {
  const trusted = getCACertificates("default");
  afterEach(() => setDefaultCACertificates(trusted));

  async function startSecure(hostname: string) {
    const { key, cert } = selfSigned(hostname);
    const server = createServer({ key, cert }, (_request, response) => {
      response.setHeader("content-type", "application/json").end('{"ok":true}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      cert,
      url: `https://localhost:${(server.address() as AddressInfo).port}`,
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  }
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];

  test("a certificate that holds is accepted", async () => {
    await using server = await startSecure("localhost");
    setDefaultCACertificates([...trusted, server.cert]);
    expect(await guardedGet(server.url, { reach: LOOPBACK, lookup })).toEqual({
      status: 200,
      json: { ok: true },
      setCookies: [],
      date: expect.stringMatching(/GMT$/),
    });
  });

  test("one that nobody vouches for is not, even where the environment would have it so", async () => {
    await using server = await startSecure("localhost");
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      expect(await reasonOf(guardedGet(server.url, { reach: LOOPBACK, lookup }))).toMatch(/SELF_SIGNED/);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  test("one for another name is not", async () => {
    await using server = await startSecure("other.example.com");
    setDefaultCACertificates([...trusted, server.cert]);
    expect(await reasonOf(guardedGet(server.url, { reach: LOOPBACK, lookup }))).toBe(
      "ERR_TLS_CERT_ALTNAME_INVALID",
    );
  });
});

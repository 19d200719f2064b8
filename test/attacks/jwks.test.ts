import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type RunningIssuer, startIssuer } from "../support/issuer.ts";
import { hang, type Misbehaviour, reply } from "../support/upstream.ts";
import { startWorld, type World } from "../support/world.ts";

const worldOf = (issuer: string, environment: Record<string, string> = {}) =>
  startWorld({ environment: { VAMBE_OIDC_ISSUER: issuer, VAMBE_OIDC_AUDIENCE: "client-1", ...environment } });
type Json = Record<string, unknown>;
const identify = async (world: World, issuer: RunningIssuer, header: Json = {}, claims: Json = {}) =>
  world.page.identify({ id: "u1" }, await issuer.sign(claims, header));

test("a flood of unknown kids: the issuer is asked once more, and those with a true token are served", async () => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  expect((await identify(world, issuer)).status).toBe(200);
  const flood = await Promise.all(
    Array.from({ length: 200 }, (_, n) => identify(world, issuer, { kid: `unknown-${n}` })),
  );
  expect(new Set(flood.map((answer) => answer.problem().slug))).toEqual(new Set(["proof-signature"]));
  expect((await identify(world, issuer)).status).toBe(200);
  expect(issuer.asked()).toBeLessThanOrEqual(2);
});

test("key rotation: the new key is picked up at once, the old one keeps no door open", async () => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  const old = await issuer.sign();
  expect((await world.page.identify({ id: "u1" }, old)).status).toBe(200);
  await issuer.rotate();
  expect((await identify(world, issuer)).status).toBe(200);
  expect((await world.page.identify({ id: "u1" }, old)).problem().slug).toBe("proof-signature");
  expect(issuer.asked()).toBe(2);
});

test("an issuer that goes down: the keys that are known serve on", async () => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  await identify(world, issuer);
  await issuer.upstream.close();
  expect((await identify(world, issuer)).status).toBe(200);
});

test("a storm of 500s: the issuer is left in peace, and pages are told when to come back", async () => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  issuer.misbehave(reply(500, "x"), "everything");
  const storm = await Promise.all(Array.from({ length: 100 }, () => identify(world, issuer)));
  for (const answer of storm) {
    expect(answer.problem().slug).toBe("issuer-unavailable");
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(30);
  }
  expect(issuer.asked("discovery")).toBe(1);
  expect(world.exchange.log().filter(({ setting }) => setting === "VAMBE_OIDC_ISSUER")).toHaveLength(1);
  // Other kinds of proof are served all the same.
  expect((await world.signIn("u2")).status).toBe(200);
});

const typed = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
let sent = 0;
const sixtyFourMegabytes: Misbehaviour = (socket) => {
  sent = 0;
  socket.write(`${typed}content-length: ${64 * 1024 * 1024}\r\n\r\n{"keys":[`);
  send();
  function send() {
    while (!socket.destroyed && sent < 64 * 1024 * 1024) {
      sent += 65_536;
      if (!socket.write(" ".repeat(65_536))) return void socket.once("drain", send);
    }
  }
};
const endless: Misbehaviour = (socket) => {
  sent = 0;
  socket.write(`${typed}\r\n{"keys":[`);
  send();
  function send() {
    while (!socket.destroyed) {
      sent += 65_536;
      if (!socket.write(" ".repeat(65_536))) return void socket.once("drain", send);
    }
  }
};
const dripping: Misbehaviour = (socket) => {
  socket.write(`${typed}\r\n`);
  const interval = setInterval(() => socket.write(" "), 50);
  socket.once("close", () => clearInterval(interval));
};

describe.each(["keys", "everything"] as const)("an issuer turned bad (%s)", (what) => {
  test.each<[string, Misbehaviour, RegExp]>([
    ["a body of 64 MB", sixtyFourMegabytes, /larger than/],
    ["a body without end", endless, /larger than/],
    ["a body that drips", dripping, /too long/],
    ["a hang", hang, /too long/],
    ["a redirect into the network", reply(302, "", { location: "http://169.254.169.254/" }), /redirect/],
    ["HTML", reply(200, "<html>", { "content-type": "text/html" }), /not JSON/],
  ])("is refused within seconds: %s", async (_, behaviour, cause) => {
    await using issuer = await startIssuer();
    await using world = await worldOf(issuer.url);
    sent = 0;
    issuer.misbehave(behaviour, what);
    const from = performance.now();
    expect((await identify(world, issuer)).problem().slug).toBe("issuer-unavailable");
    expect(performance.now() - from).toBeLessThan(8000);
    expect(sent).toBeLessThan(16 * 1024 * 1024);
    const logged = world.exchange.log().find(({ setting }) => setting === "VAMBE_OIDC_ISSUER");
    expect(logged?.cause).toMatch(cause);
    expect(world.vambe.standIn.upserts()).toEqual([]);
    expect((await world.signIn("u2")).status).toBe(200);
  });
});

test("a redirect is not followed, not even to where the keys would be", async () => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  await using real = await startIssuer();
  issuer.misbehave(reply(307, "", { location: `${real.url}/keys` }));
  expect((await identify(world, issuer)).problem().slug).toBe("issuer-unavailable");
  expect(real.asked()).toBe(0);
});

/** Somebody of this machine who should never hear of it. */
async function startBystander() {
  const heard: Buffer[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("data", (bytes) => heard.push(bytes)).on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    heard: () => Buffer.concat(heard).toString("latin1"),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
const falseDns = (answer: string) => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL("../support/false-dns.ts", import.meta.url))}`,
  FALSE_DNS: answer,
});

describe("an issuer's address in a network of ours", () => {
  const causeIn = (world: World) =>
    world.exchange.log().find(({ setting }) => setting === "VAMBE_OIDC_ISSUER")?.cause;

  test.each(["10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]", "[fd00::1]", "0.0.0.0"])(
    "is refused as it is written: %s",
    async (host) => {
      await using issuer = await startIssuer();
      await using bystander = await startBystander();
      const iss = `https://${host}:${bystander.port}`;
      await using world = await worldOf(iss);
      expect((await identify(world, issuer, {}, { iss })).problem().slug).toBe("issuer-unavailable");
      expect(causeIn(world)).toMatch(/not one that may be asked/);
      expect(bystander.connections()).toBe(0);
    },
  );

  test.each(["127.0.0.1", "::ffff:127.0.0.1"])("is refused as the DNS gives it: %s", async (address) => {
    await using issuer = await startIssuer();
    await using bystander = await startBystander();
    const iss = `https://issuer.example.com:${bystander.port}`;
    await using world = await worldOf(iss, falseDns(address));
    expect((await identify(world, issuer, {}, { iss })).problem().slug).toBe("issuer-unavailable");
    expect(causeIn(world)).toMatch(/not one that may be asked/);
    expect(bystander.connections()).toBe(0);
  });

  test("is refused where the DNS answer changes between check and use: not a byte is sent there", async () => {
    await using issuer = await startIssuer();
    await using bystander = await startBystander();
    const dns = falseDns("93.184.215.14>127.0.0.1");
    const iss = `https://issuer.example.com:${bystander.port}`;
    await using world = await worldOf(iss, dns);
    expect((await identify(world, issuer, {}, { iss })).problem().slug).toBe("issuer-unavailable");
    expect(causeIn(world)).toMatch(/not one that may be asked/);
    // The change did happen: there was a connection, and nothing went over it.
    expect([bystander.connections(), bystander.heard()]).toEqual([1, ""]);
  });

  test("is refused where the discovery document leads there", async () => {
    await using issuer = await startIssuer();
    await using bystander = await startBystander();
    await using world = await worldOf(issuer.url);
    issuer.discover({ jwks_uri: `https://[::ffff:7f00:1]:${bystander.port}/keys` });
    expect((await identify(world, issuer)).problem().slug).toBe("issuer-unavailable");
    expect(bystander.connections()).toBe(0);
  });
});

describe("one odd key does not stop an issuer (RFC 7517 §5)", () => {
  test("entries of other kinds are passed over, and the good one serves", async () => {
    await using issuer = await startIssuer();
    await using world = await worldOf(issuer.url);
    const { jwk } = await issuer.publicKey();
    issuer.publish([
      null,
      1,
      "key",
      [],
      {},
      { kid: jwk.kid },
      { kty: null, kid: jwk.kid },
      { kty: "AKP", alg: "ML-DSA-44", pub: "AAAA", kid: jwk.kid },
      { kty: "oct", k: "c2VjcmV0", kid: jwk.kid, alg: "RS256" },
      { kty: "OKP", crv: "X25519", x: "AAAA", kid: jwk.kid },
      { kty: "EC", crv: "P-999", x: "AAAA", y: "AAAA", kid: jwk.kid },
      { ...jwk, use: "enc" },
      { ...jwk, key_ops: "verify" },
      jwk,
    ]);
    expect((await identify(world, issuer)).status).toBe(200);
    expect(world.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
  });

  test("two keys of one kid are both tried, a broken one beside them too", async () => {
    await using issuer = await startIssuer();
    await using stranger = await startIssuer();
    await using world = await worldOf(issuer.url);
    const { jwk } = await issuer.publicKey();
    const other = (await stranger.publicKey()).jwk;
    issuer.publish([{ ...jwk, n: "AAAA" }, { ...other, kid: jwk.kid }, jwk]);
    expect((await identify(world, issuer)).status).toBe(200);
    issuer.publish([jwk, { ...other, kid: jwk.kid }]);
    await world.exchange.restart();
    expect((await identify(world, issuer)).status).toBe(200);
    const forged = await stranger.sign({ iss: issuer.iss }, { kid: "nobody's" });
    expect((await world.page.identify({ id: "u1" }, forged)).problem().slug).toBe("proof-signature");
  });

  test("more keys than anybody has: the first hundred that can be used serve", async () => {
    await using issuer = await startIssuer();
    await using world = await worldOf(issuer.url);
    const { jwk } = await issuer.publicKey();
    issuer.publish([...Array(200).fill(null), jwk, ...Array(200).fill({ ...jwk, kid: "another" })]);
    expect((await identify(world, issuer)).status).toBe(200);
  });

  test.each([
    "text/html",
    "text/plain; charset=utf-8",
    "application/octet-stream",
    "application/jwk-set+json",
    "",
  ])("JSON that is served as %j is read", async (type) => {
    await using issuer = await startIssuer();
    await using world = await worldOf(issuer.url);
    issuer.serveAs(type);
    expect((await identify(world, issuer)).status).toBe(200);
  });
});

describe("VAMBE_OIDC_JWKS_URL, a back channel that the operator has written", () => {
  test("is asked in place of the issuer, and may lead to this machine while the issuer is elsewhere", async () => {
    await using issuer = await startIssuer();
    const iss = "https://SSO.example.com:443/realms/shop";
    await using world = await worldOf(iss, {
      VAMBE_OIDC_JWKS_URL: `${issuer.upstream.url}/keys?p=b2c_1_susi`,
    });
    const identifyAs = async (named: string) =>
      world.page.identify({ id: "u1" }, await issuer.sign({ iss: named }));
    expect((await identifyAs(iss)).status).toBe(200);
    expect([issuer.asked("discovery"), issuer.asked()]).toEqual([0, 1]);
    for (const named of [
      `${iss}/`,
      "https://sso.example.com:443/realms/shop",
      "https://SSO.example.com/realms/shop",
    ]) {
      expect((await identifyAs(named)).problem()).toMatchObject({
        slug: "proof-claims",
        errors: [{ field: "iss" }],
      });
    }
  });

  test("may be a private address, which no document of an issuer may name", async () => {
    await using issuer = await startIssuer();
    await using bystander = await startBystander();
    const dns = falseDns("127.0.0.1");
    const keys = `https://keys.internal.example:${bystander.port}/keys`;
    await using world = await worldOf("https://issuer.example.com", { VAMBE_OIDC_JWKS_URL: keys, ...dns });
    const proof = await issuer.sign({ iss: "https://issuer.example.com" });
    expect((await world.page.identify({ id: "u1" }, proof)).problem().slug).toBe("issuer-unavailable");
    // It got there, and no further: what listens there is no TLS server.
    expect(bystander.connections()).toBe(1);
    expect(world.exchange.log().find(({ setting }) => setting === "VAMBE_OIDC_JWKS_URL")).toBeDefined();
  });

  test.each(["169.254.169.254", "168.63.129.16", "[fd00:ec2::254]"])(
    "is no way to a metadata service: %s",
    async (host) => {
      await using issuer = await startIssuer();
      await using world = await worldOf("https://issuer.example.com", {
        VAMBE_OIDC_JWKS_URL: `https://${host}/keys`,
      });
      const proof = await issuer.sign({ iss: "https://issuer.example.com" });
      expect((await world.page.identify({ id: "u1" }, proof)).problem().slug).toBe("issuer-unavailable");
      const logged = world.exchange.log().find(({ setting }) => setting === "VAMBE_OIDC_JWKS_URL");
      expect(logged?.cause).toMatch(/not one that may be asked/);
    },
  );
});

test("a start without an audience does not happen: tokens made for any app would count", async () => {
  await expect(
    startWorld({ environment: { VAMBE_OIDC_ISSUER: "https://issuer.example.com" } }),
  ).rejects.toThrow(/VAMBE_OIDC_AUDIENCE is required/);
});

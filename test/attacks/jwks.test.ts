import { describe, expect, test } from "vitest";
import { falseDns, startBystander } from "../support/bystander.ts";
import { startIssuer } from "../support/issuer.ts";
import { identify, worldOf } from "../support/issuer-world.ts";
import { hang, type Misbehaviour, reply } from "../support/upstream.ts";
import { startWorld, type World } from "../support/world.ts";

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
  ])("is refused, and not waited for: %s", async (_, behaviour, cause) => {
    await using issuer = await startIssuer();
    await using world = await worldOf(issuer.url);
    sent = 0;
    issuer.misbehave(behaviour, what);
    expect((await identify(world, issuer)).problem().slug).toBe("issuer-unavailable");
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

test("a start without an audience does not happen: tokens made for any app would count", async () => {
  await expect(
    startWorld({ environment: { VAMBE_OIDC_ISSUER: "https://issuer.example.com" } }),
  ).rejects.toThrow(/VAMBE_OIDC_AUDIENCE is required/);
});

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mountExchange } from "../support/mounted-exchange.ts";
import { inSeconds, signProof } from "../support/proofs.ts";
import { ORIGIN, startWorld } from "../support/world.ts";

/** What has been read, proven and confirmed before is not done again, and must never be taken for more than it is. */

const jane = { id: "jane", name: "Jane Doe", plan: "free" };

/** A world in which Jane has been identified twice, with the same text each time. */
async function known() {
  const world = await startWorld();
  const proof = world.proofFor(jane.id, { name: jane.name, plan: jane.plan });
  const again = (overrides = {}) => world.page.identify(jane, proof, overrides);
  expect((await again()).identity().status).toBe("delivered");
  expect((await again()).identity().status).toBe("unchanged");
  return Object.assign(world, { proof, again });
}

describe("an identify that is the same, letter by letter,", () => {
  test("is delivered anew where another process has forgotten the user", async () => {
    await using world = await known();
    expect((await world.command(["outbox", "forget", jane.id])).code).toBe(0);
    expect((await world.again()).identity().status).toBe("delivered");
    expect(world.vambe.standIn.upserts().length).toBe(2);
  });

  test("is not unchanged where the user has changed since, and Vambe does not know yet", async () => {
    await using world = await known();
    world.vambe.standIn.setFault("down");
    expect((await world.signIn(jane.id, { name: jane.name, plan: "pro" })).identity().status).toBe("queued");
    expect((await world.again()).identity().status).toBe("queued");
  });

  test("does not go back to what it says where a newer proof has said something else", async () => {
    await using world = await known();
    const newer = world.proofFor(jane.id, { name: jane.name, plan: "pro", iat: inSeconds(5) });
    expect((await world.page.identify({ id: jane.id }, newer)).identity().status).toBe("delivered");
    const again = (await world.again()).identity();
    expect(again).toMatchObject({
      status: "unchanged",
      ignored: expect.arrayContaining([{ trait: "plan", reason: "older-than-known" }]),
    });
    expect(world.vambe.standIn.upserts().length).toBe(2);
  });

  test("is refused when the secret of its proof is no longer accepted", async () => {
    await using world = await known();
    await world.exchange.restart({ VAMBE_IDENTITY_SECRET: `another-${randomUUID()}` });
    expect((await world.again()).problem().slug).toBe("proof-signature");
  });

  test("is refused from another origin, by a form, or with another type", async () => {
    await using world = await known();
    const json = { origin: ORIGIN, "content-type": "application/json" };
    for (const [headers, slug] of [
      [{ ...json, origin: "https://evil.example" }, "origin-not-allowed"],
      [{ "content-type": "application/json" }, "origin-not-allowed"],
      [{ ...json, "sec-fetch-mode": "navigate" }, "not-fetch"],
      [{ ...json, "content-type": "text/plain" }, "not-json"],
    ] as const) {
      expect((await world.again({ headers })).problem().slug).toBe(slug);
    }
  });

  test("is refused the second time where each proof serves once", async () => {
    await using world = await startWorld({ environment: { VAMBE_PROOF_ONCE: "true" } });
    const proof = world.proofFor(jane.id, { jti: "one" });
    expect((await world.page.identify({ id: jane.id }, proof)).status).toBe(200);
    expect((await world.page.identify({ id: jane.id }, proof)).problem().slug).toBe("proof-used");
  });
});

describe("with the same proof", () => {
  test("what the page says beside it is weighed each time", async () => {
    await using world = await known();
    const { applied, ignored } = (
      await world.page.identify({ ...jane, plan: "enterprise" }, world.proof)
    ).identity();
    expect(ignored).toEqual([{ trait: "plan", reason: "differs-from-proof" }]);
    expect(applied).toContain("plan");
    expect((await world.page.identify({ ...jane, id: "bruno" }, world.proof)).problem().slug).toBe(
      "proof-other-user",
    );
    expect(world.vambe.standIn.upserts().length).toBe(1);
  });

  test("a changed letter of it is refused", async () => {
    await using world = await known();
    const [header, claims, signature = ""] = world.proof.split(".");
    const other = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    expect((await world.page.identify(jane, `${header}.${claims}.${other}`)).problem().slug).toBe(
      "proof-signature",
    );
  });
});

describe("as time goes by", () => {
  const NOW = Date.parse("2026-03-01T12:00:00Z");
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("a proof that was good many times is refused once it has expired", async () => {
    await using exchange = await mountExchange();
    const proof = signProof(exchange.secret, jane.id, { exp: inSeconds(600) });
    const ask = async () => {
      const response = await exchange.identify({ user: jane, proof });
      return [response.status, (await response.json()).type];
    };
    for (let load = 0; load < 3; load++) expect(await ask()).toEqual([200, undefined]);
    vi.setSystemTime(NOW + 700_000);
    expect(await ask()).toEqual([401, "https://id.example.com/problems/proof-expired"]);
  });
});

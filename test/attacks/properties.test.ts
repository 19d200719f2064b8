import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashUser } from "../../server/sign/sign.ts";
import { alterations, isSpellingOf, spellingsOf } from "../support/altered.ts";
import { junk, texts, users } from "../support/generated.ts";
import { type RunningIssuer, startIssuer } from "../support/issuer.ts";
import type { PageAnswer } from "../support/page.ts";
import { base64url } from "../support/proofs.ts";
import { tracesIn } from "../support/traces.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** Whatever is sent, there is a well-formed answer, and none that says yes to a proof that was altered. */

let world: World;
let once: World;
let issuer: RunningIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ alg: "ES256" });
  const environment = { VAMBE_OIDC_ISSUER: issuer.url, VAMBE_OIDC_AUDIENCE: "client-1" };
  world = await startWorld({ environment });
  once = await startWorld({ environment: { ...environment, VAMBE_PROOF_ONCE: "true" } });
});
afterAll(async () => {
  for (const each of [world, once, issuer]) await each[Symbol.asyncDispose]();
});

const headers = { origin: ORIGIN, "content-type": "application/json" };

/** 200 with an identity, or a problem of the client's making that names itself. */
function expectWellFormed(answer: PageAnswer) {
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  if (answer.status === 200) {
    expect(answer.identity()).toMatchObject({
      user: { verified: true },
      token: expect.stringMatching(/^eyJ/),
    });
    return;
  }
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status, answer.text).toBeLessThan(500);
  const { slug, status, detail, request_id } = answer.problem();
  expect({ status, request_id }).toEqual({
    status: answer.status,
    request_id: answer.headers["x-request-id"],
  });
  expect(slug).toMatch(/^[a-z-]+$/);
  expect(detail.length).toBeGreaterThan(5);
}
const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<void>, numRuns: number) =>
  fc.assert(fc.asyncProperty(arbitrary, property), { numRuns, interruptAfterTimeLimit: 20_000 });

describe("an altered proof is never accepted", () => {
  test("of the site's secret", async () => {
    const proof = world.proofFor("jane", { plan: "free", name: "Jane Doe" });
    const before = tracesIn(world);
    await check(
      fc.tuple(alterations(proof), fc.constantFrom("jane", "jane", "admin")),
      async ([altered, id]) => {
        const answer = await world.page.identify({ id }, altered);
        expect(answer.status, altered).not.toBe(200);
        expectWellFormed(answer);
      },
      500,
    );
    expect(tracesIn(world)).toEqual(before);
    expect((await world.page.identify({ id: "jane" }, proof)).status).toBe(200);
  });

  test("of the issuer", async () => {
    const proof = await issuer.sign({ sub: "jane", name: "Jane Doe", plan: "free" });
    await check(
      alterations(proof),
      async (altered) => {
        const answer = await world.page.identify({ id: "jane" }, altered);
        expect(answer.status, altered).not.toBe(200);
        expectWellFormed(answer);
      },
      300,
    );
    expect((await world.page.identify({ id: "jane" }, proof)).status).toBe(200);
  });

  test("nor is a user_hash, in other than its own 64 digits", async () => {
    const hash = hashUser("jane", world.secret);
    const altered = fc
      .tuple(fc.nat({ max: 63 }), fc.oneof(fc.constantFrom(..."0123456789abcdef"), texts))
      .map(([at, digit]) => hash.slice(0, at) + digit + hash.slice(at + 1))
      .filter((other) => other.toLowerCase() !== hash);
    const attempt = (user_hash: string) => world.page.identify({ id: "jane", user_hash });
    const refused = async (other: string) => {
      expect((await attempt(other)).status).not.toBe(200);
    };
    await check(altered, refused, 150);
    expect((await attempt(hash)).status).toBe(200);
  });
});

describe("a proof in another spelling of the very same bytes is none", () => {
  test("there are such, and nothing else passes for one", () => {
    const proof = world.proofFor("jane");
    expect(spellingsOf(proof).length).toBe(3);
    for (const other of spellingsOf(proof)) expect(isSpellingOf(other, proof)).toBe(true);
    expect(isSpellingOf(`${proof}=`, proof)).toBe(false);
  });

  test("each is refused, whatever it is shown for", async () => {
    const proof = world.proofFor("jane", { plan: "free" });
    for (const other of spellingsOf(proof)) {
      const answer = await world.page.identify({ id: "jane", plan: "pro" }, other);
      expectWellFormed(answer);
      expect(answer.problem().slug).toBe("proof-malformed");
      expect((await world.page.identify({ id: "admin" }, other)).status).toBe(401);
    }
  });

  test("with VAMBE_PROOF_ONCE none of them serves, and none of them uses the proof up", async () => {
    for (const first of [0, 1, 2, 3]) {
      const proof = once.proofFor("jane", { jti: randomUUID() });
      const all = [proof, ...spellingsOf(proof)];
      const order = [...all.slice(first), ...all.slice(0, first)];
      const statuses: number[] = [];
      for (const spelling of order)
        statuses.push((await once.page.identify({ id: "jane" }, spelling)).status);
      expect(statuses.filter((status) => status === 200).length).toBe(1);
    }
  });

  test("nor is the twin that every ECDSA signature has a second proof: anybody can work it out", async () => {
    const proof = await issuer.sign({ sub: "jane", jti: randomUUID() });
    const twin = twinOf(proof);
    expect(twin).not.toBe(proof);
    const first = await once.page.identify({ id: "jane" }, twin);
    const second = await once.page.identify({ id: "jane" }, proof);
    const statuses = [first.status, second.status];
    // Either the twin does not count at all, or the two of them count once.
    expect(statuses.filter((status) => status === 200).length).toBe(1);
    if (first.status === 200) expect(second.problem().slug).toBe("proof-used");
  });
});

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** (r, s) → (r, n − s), which verifies just as well. */
function twinOf(proof: string): string {
  const [header = "", payload = "", signature = ""] = proof.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const s = P256_ORDER - BigInt(`0x${bytes.subarray(32).toString("hex")}`);
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
  return `${header}.${payload}.${twin.toString("base64url")}`;
}

describe("whatever is sent, the answer is well formed and never 500", () => {
  test("any user, with the same signed in a good proof", async () => {
    await check(
      users,
      async (user) => {
        const { id, ...traits } = user;
        expectWellFormed(await world.page.identify(user, world.proofFor(id, traits)));
      },
      150,
    );
  });

  test("any claims, signed by the site itself", async () => {
    const names = fc.constantFrom(
      "sub",
      "aud",
      "exp",
      "iat",
      "nbf",
      "jti",
      "iss",
      "name",
      "plan",
      "fields",
      "x",
    );
    await check(
      fc.tuple(
        fc.dictionary(names, junk, { maxKeys: 4 }),
        fc.dictionary(fc.constantFrom("kid", "typ", "crit", "b64", "zip", "cty"), junk, { maxKeys: 2 }),
      ),
      async ([claims, header]) => {
        for (const each of [world, once])
          expectWellFormed(await each.page.identify({ id: "jane" }, each.proofFor("jane", claims, header)));
      },
      150,
    );
  });

  test("any text or JSON for a proof, any JSON for a body, any bytes", async () => {
    const bodies = fc.oneof(
      fc
        .record({ user: fc.record({ id: fc.constant("jane") }), proof: fc.oneof(texts, junk) })
        .map((body) => JSON.stringify(body)),
      fc.jsonValue().map((body) => JSON.stringify(body)),
      fc.record({ user: junk, proof: junk }).map((body) => JSON.stringify(body)),
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
    );
    await check(
      bodies,
      async (body) => expectWellFormed(await world.page.send("/identify", { method: "POST", headers, body })),
      300,
    );
  });

  test("a proof of three parts that hold anything", async () => {
    const parts = fc.oneof(
      junk.map((part) => base64url(JSON.stringify(part))),
      fc.uint8Array({ maxLength: 60 }).map((part) => Buffer.from(part).toString("base64url")),
      fc
        .record(
          { alg: fc.constantFrom("HS256", "ES256", "RS256", "EdDSA"), kid: junk, typ: junk },
          { requiredKeys: ["alg"] },
        )
        .map(base64url),
    );
    await check(
      fc.tuple(parts, parts, parts),
      async (three) => {
        const answer = await world.page.identify({ id: "jane" }, three.join("."));
        expectWellFormed(answer);
        expect(answer.status).not.toBe(200);
      },
      250,
    );
  });

  afterAll(() => {
    for (const each of [world, once]) {
      expect(each.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
    }
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { proveByJwt } from "../../../server/proof/jwt.ts";
import { VerifiedProofs } from "../../../server/proof/verified-proofs.ts";
import { signProof } from "../../support/proofs.ts";

const SECRET = "a-secret-that-is-long-enough-for-hs256";
const NOW = Date.parse("2026-03-01T12:00:00Z");
const request = new Request("https://id.example.com/identify");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What verifies, and how often it had to. */
function counting(expiresAt = NOW + 600_000) {
  const verify = async () => {
    verify.times += 1;
    return { expiresAt, nth: verify.times };
  };
  verify.times = 0;
  return verify;
}

describe("a proof that has been verified", () => {
  test("is not verified again, until it expires", async () => {
    const kept = new VerifiedProofs();
    const verify = counting();
    for (let load = 0; load < 5; load++) expect(await kept.get("p", verify)).toMatchObject({ nth: 1 });
    vi.setSystemTime(NOW + 599_999);
    expect(await kept.get("p", verify)).toMatchObject({ nth: 1 });
    vi.setSystemTime(NOW + 600_000);
    await kept.get("p", verify);
    await kept.get("p", verify);
    expect(verify.times).toBe(3);
    expect(kept.size).toBe(0);
  });

  test("says nothing of another that differs in a letter", async () => {
    const kept = new VerifiedProofs();
    const verify = counting();
    for (const proof of ["a.b.c", "a.b.C", "a.b.c=", " a.b.c", "a.b.c"]) await kept.get(proof, verify);
    expect(verify.times).toBe(4);
  });

  test("is verified again where the clock was put back before the first time", async () => {
    const kept = new VerifiedProofs();
    const verify = counting();
    await kept.get("p", verify);
    vi.setSystemTime(NOW - 1);
    await kept.get("p", verify);
    expect(verify.times).toBe(2);
  });

  test("is forgotten with the others when it has expired, and there are never more than 10,000", async () => {
    const kept = new VerifiedProofs();
    for (let number = 0; number < 10_050; number++) await kept.get(`p${number}`, counting());
    expect(kept.size).toBe(10_000);
    const first = counting();
    await kept.get("p0", first);
    expect(first.times).toBe(1);
    vi.setSystemTime(NOW + 700_000);
    await kept.get("new", counting(NOW + 800_000));
    expect(kept.size).toBe(1);
  });
});

test("a proof that does not hold is refused each time", async () => {
  const kept = new VerifiedProofs();
  let times = 0;
  const refuse = () => {
    times += 1;
    return Promise.reject(new Error("refused"));
  };
  for (let load = 0; load < 3; load++) await expect(kept.get("p", refuse)).rejects.toThrow("refused");
  expect([times, kept.size]).toEqual([3, 0]);
});

describe("a JWT, with those kept that have been verified,", () => {
  const prover = () => {
    const uses: unknown[] = [];
    const prove = proveByJwt([SECRET], (index, kid) => uses.push([index, kid]), undefined, {
      keepVerified: true,
    });
    return { uses, ask: (proof: string) => prove({ user: { id: "u" }, proof, request }) };
  };

  test("gives the same each time, and each use of the secret counts", async () => {
    const { ask, uses } = prover();
    const proof = signProof(SECRET, "u", { name: "Jane" }, { kid: "2026" });
    const first = await ask(proof);
    expect(await ask(proof)).toEqual(first);
    expect(first).toMatchObject({ id: "u", traits: { name: "Jane" } });
    expect(uses).toEqual([
      [0, "2026"],
      [0, "2026"],
    ]);
  });

  test("is refused when it has expired, however often it was good before", async () => {
    const { ask } = prover();
    const proof = signProof(SECRET, "u");
    await ask(proof);
    vi.setSystemTime(NOW + 700_000);
    await expect(ask(proof)).rejects.toMatchObject({ slug: "proof-expired" });
  });

  test("is refused with another signature, or another claim under the same one", async () => {
    const { ask } = prover();
    const proof = signProof(SECRET, "u");
    await ask(proof);
    const [header = "", claims = "", signature = ""] = proof.split(".");
    const [, others = ""] = signProof(SECRET, "v").split(".");
    for (const forged of [
      `${header}.${others}.${signature}`,
      `${header}.${claims}.${signature.slice(0, -2)}AA`,
      `${header}.${claims}.`,
    ]) {
      await expect(ask(forged)).rejects.toMatchObject({ slug: "proof-signature" });
    }
  });
});

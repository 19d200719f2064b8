import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PROBLEMS } from "../../../server/problems.ts";
import { examine } from "../../../server/proof/examine.ts";
import vectors from "../../vectors/proofs.json" with { type: "json" };

/** What a look at each part says has to agree with what the exchange says of the whole. */

const MADE_BY: Record<string, readonly string[]> = {
  "proof-malformed": ["header", "payload"],
  "proof-signature": ["signature"],
  "proof-audience": ["aud"],
  "proof-expired": ["exp"],
  "proof-lifetime": ["exp", "iat", "nbf"],
  "proof-claims": ["sub"],
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

// Whose the page says that the proof is, no proof can tell.
const ofTheProof = vectors.filter(({ problem }) => problem !== "proof-other-user");

describe("the vectors", () => {
  test.each(ofTheProof)("$name", ({ proof, secret, now, accepted, problem }) => {
    vi.setSystemTime(now * 1000);
    const findings = examine(proof, secret.split(","));
    const inTheWay = (findings ?? []).filter(({ stands }) => stands === "in the way").map(({ part }) => part);
    if (accepted) expect(inTheWay).toEqual([]);
    else if (findings === undefined) expect(problem).toBe("proof-malformed");
    else expect(inTheWay.filter((part) => MADE_BY[problem ?? ""]?.includes(part))).not.toEqual([]);
  });

  test("have each problem that a proof can have by itself", () => {
    const problems = new Set(ofTheProof.flatMap(({ problem }) => problem ?? []));
    expect([...problems].sort()).toEqual(Object.keys(MADE_BY).sort());
    for (const problem of problems) expect(PROBLEMS).toHaveProperty(problem);
  });
});

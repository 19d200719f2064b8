import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../server/problems.ts";
import { proveByJwt } from "../../server/proof/jwt.ts";
import { prove } from "../../server/proof/proof.ts";
import { identifyRequest } from "../../server/protocol.ts";
import { vectors } from "./make.ts";
import type { Vector } from "./vector.ts";

const published: Vector[] = JSON.parse(readFileSync(new URL("proofs.json", import.meta.url), "utf8"));

/** What the exchange makes of a vector: the wire's own checks, then the proof. */
async function verdictOn({ secret, user, proof }: Vector) {
  const body = identifyRequest.parse({ user, proof });
  const evidence = {
    user: body.user,
    proof: body.proof ?? undefined,
    request: new Request("https://id.example.com/identify", { method: "POST" }),
  };
  const policy = {
    kinds: [proveByJwt(secret.split(","))],
    nothingCame: "nothing came",
    allowUnverified: false,
    unprovenTraits: "ignore",
  } as const;
  try {
    const { id, verified, traits } = (await prove(evidence, policy)).user;
    expect(verified).toBe(true);
    const { fields, ...own } = traits;
    const someFields = Object.keys(fields ?? {}).length > 0;
    return { accepted: true, problem: null, proven: { id, ...own, ...(someFields && { fields }) } };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { accepted: false, problem: error.slug, proven: null };
  }
}

describe("the published vectors", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  test.each(published)("$name: accepted = $accepted, $problem", async (vector) => {
    vi.setSystemTime(vector.now * 1000);
    const { accepted, problem, proven } = vector;
    expect(await verdictOn(vector)).toEqual({ accepted, problem, proven });
  });

  test("are what make.ts says: after a change, node test/vectors/make.ts writes them anew", () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(vectors)));
  });

  test("have a name and a reason each, and no name twice", () => {
    expect(new Set(published.map(({ name }) => name)).size).toBe(published.length);
    for (const { why, accepted, problem } of published) {
      expect(why).toMatch(/\.$/);
      expect(accepted).toBe(problem === null);
    }
  });
});

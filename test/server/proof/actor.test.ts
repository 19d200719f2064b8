import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../../../server/log.ts";
import { proveByApp } from "../../../server/proof/authenticate.ts";
import { proveByJwt } from "../../../server/proof/jwt.ts";
import { verifyByIssuer } from "../../../server/proof/oidc/verify.ts";
import { type ProofPolicy, prove } from "../../../server/proof/proof.ts";
import { type RunningIssuer, startIssuer } from "../../support/issuer.ts";
import { inSeconds, signProof } from "../../support/proofs.ts";
import { outcomeOf } from "../../support/refusal.ts";

/** Somebody brings the user's proof, and one of his own: he acts for the user. */

const SECRET = "0123456789abcdef0123456789abcdef";
const request = new Request("https://id.example.com/token", { method: "POST" });
let issuer: RunningIssuer;
let policy: ProofPolicy;
let used: [number, string | undefined][];
beforeAll(async () => {
  issuer = await startIssuer();
  const settings = { url: issuer.url, audience: ["client-1"], idClaim: "sub", trustEmail: false };
  const byIssuer = verifyByIssuer([settings], { log: createLog(() => {}) });
  policy = {
    kinds: [proveByJwt([SECRET], (...use) => used.push(use), byIssuer)],
    nothingCame: "nothing came that says who it is",
    allowUnverified: false,
    unprovenTraits: "ignore",
  };
});
afterAll(() => issuer[Symbol.asyncDispose]());

const act = (proof: string, actorProof: string, changes: Partial<ProofPolicy> = {}) => {
  used = [];
  return prove({ user: {}, proof, actorProof, request }, { ...policy, ...changes });
};
const customer = (claims = {}, header = {}) => signProof(SECRET, "jane", { ...claims }, header);
const support = (claims = {}, header = {}) => signProof(SECRET, "support-7", { ...claims }, header);

test("the user stays who he is, and the actor is named beside him", async () => {
  const { user } = await act(customer({ name: "Jane" }), support({ name: "Sue" }));
  expect(user).toMatchObject({ id: "jane", shown: { name: "Jane" }, actor: { id: "support-7" } });
});

describe("both proofs need no second look", () => {
  test.each([
    [60, 90],
    [90, 60],
  ])("until the first of them expires (%i and %i seconds), and each counts as used", async (one, other) => {
    const [exp, actorExp] = [inSeconds(one), inSeconds(other)];
    const { again } = await act(
      customer({ exp }, { kid: "of-jane" }),
      support({ exp: actorExp }, { kid: "of-support" }),
    );
    expect(again?.until).toBe(Math.min(exp, actorExp) * 1000);
    again?.count();
    expect(used.map(([, kid]) => kid)).toEqual(["of-jane", "of-support", "of-jane", "of-support"]);
  });

  test("but where one is an issuer's: its key can be withdrawn", async () => {
    const ofIssuer = await issuer.sign({ sub: "support-7" });
    expect((await act(customer(), ofIssuer)).again).toBeUndefined();
    expect((await act(await issuer.sign({ sub: "jane" }), support())).again).toBeUndefined();
  });

  test("but where proofs serve once: both have then served", async () => {
    const uses: unknown[] = [];
    const useOnce = async ({ jti }: { jti: string | undefined }) => void uses.push(jti);
    const { again } = await act(customer({ jti: "one" }), support({ jti: "other" }), { useOnce });
    expect(again).toBeUndefined();
    expect(uses.sort()).toEqual(["one", "other"]);
  });
});

describe("whom the user's `may_act` names (RFC 8693 §4.4)", () => {
  const verdict = (may_act: unknown, actorProof = support()) =>
    outcomeOf(act(customer({ may_act }), actorProof));

  test("may act, and nobody else", async () => {
    expect(await verdict({ sub: "support-7" })).toBe("accepted");
    for (const may_act of [{ sub: "support-8" }, {}, { sub: ["support-7"] }, "support-7", false, 0, ""])
      expect(await verdict(may_act)).toBe("proof-claims");
  });

  test("is anybody where it is not there, or null", async () => {
    expect(await verdict(undefined)).toBe("accepted");
    expect(await verdict(null)).toBe("accepted");
  });

  test("is the one of the issuer that it names: another's is somebody else", async () => {
    const may_act = { sub: "support-7", iss: issuer.iss };
    expect(await verdict(may_act, await issuer.sign({ sub: "support-7" }))).toBe("accepted");
    expect(await verdict(may_act)).toBe("proof-claims");
    const ofAnother = { sub: "support-7", iss: "https://evil.example" };
    expect(await verdict(ofAnother, await issuer.sign({ sub: "support-7" }))).toBe("proof-claims");
  });

  test("may be of any issuer where it names none: all of them share one space of ids", async () => {
    expect(await verdict({ sub: "support-7" }, await issuer.sign({ sub: "support-7" }))).toBe("accepted");
  });

  test("may be a number, and nothing that is only like one", async () => {
    const seven = signProof(SECRET, 7);
    expect(await verdict({ sub: 7 }, seven)).toBe("accepted");
    expect(await verdict({ sub: "7" }, seven)).toBe("accepted");
    for (const sub of [[7], ["7"], { toString: "7" }, 8, "07", null, true])
      expect(await verdict({ sub }, seven)).toBe("proof-claims");
  });

  test("is said with the claim that is to blame", async () => {
    await expect(act(customer({ may_act: { sub: "x" } }), support())).rejects.toMatchObject({
      errors: [{ field: "actor_token.sub", detail: "is not whom the subject's `may_act` names" }],
    });
    await expect(act(customer(), support({ act: { sub: "x" } }))).rejects.toMatchObject({
      errors: [{ field: "actor_token.act", detail: expect.stringMatching(/somebody acts for the actor/) }],
    });
  });
});

describe("a refusal of the actor's own proof", () => {
  test("says that it is the actor's, and of which claim", async () => {
    await expect(act(customer(), support({ sub: "undefined" }))).rejects.toMatchObject({
      slug: "proof-claims",
      message: expect.stringMatching(/^actor_token: The proof verifies, but/),
      errors: [{ field: "actor_token.sub", detail: expect.stringMatching(/stands for nobody/) }],
    });
    await expect(act(customer(), "x")).rejects.toThrow(/^actor_token: `proof` is not a compact JWT/);
    await expect(act("x", support())).rejects.toThrow(/^`proof` is not a compact JWT/);
  });

  test("says when to come again, where his issuer is down", async () => {
    await using down = await startIssuer();
    const settings = { url: down.url, audience: ["client-1"], idClaim: "sub", trustEmail: false };
    const byIssuer = verifyByIssuer([settings], { log: createLog(() => {}) });
    const kinds = [proveByJwt([SECRET], undefined, byIssuer)];
    const actorProof = await down.sign();
    await down.upstream.close();
    await expect(act(customer(), actorProof, { kinds })).rejects.toMatchObject({
      slug: "issuer-unavailable",
      headers: { "retry-after": "30" },
    });
  });
});

test("an actor whose proof nothing here can check is refused", async () => {
  const byApp = { ...policy, kinds: [proveByApp(() => ({ id: "jane" }))] };
  expect(await outcomeOf(prove({ user: {}, proof: undefined, request }, byApp))).toBe("accepted");
  expect(await outcomeOf(prove({ user: {}, proof: undefined, actorProof: support(), request }, byApp))).toBe(
    "proof-malformed",
  );
});

describe("an `act` that is not to be understood", () => {
  test.each<[unknown, string, RegExp]>([
    ["support-7", "act", /must be an object with the actor's `sub`/],
    [[], "act", /must be an object with the actor's `sub`/],
    [{}, "act.sub", /is required/],
    [{ sub: "undefined" }, "act.sub", /stands for nobody/],
  ])("%j is named", async (claim, field, detail) => {
    const proving = prove({ user: {}, proof: customer({ act: claim }), request }, policy);
    await expect(proving).rejects.toMatchObject({
      slug: "proof-claims",
      errors: [{ field, detail: expect.stringMatching(detail) }],
    });
  });
});

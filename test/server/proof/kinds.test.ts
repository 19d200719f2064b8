import { beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../../../server/log.ts";
import { kindsOfProof, nothingCame, type ProofSettings } from "../../../server/proof/kinds.ts";
import { prove } from "../../../server/proof/proof.ts";
import { hashUser } from "../../../server/sign/sign.ts";
import { startIssuer } from "../../support/issuer.ts";
import { signProof } from "../../support/proofs.ts";
import { outcomeOf } from "../../support/refusal.ts";
import { reply, startUpstream } from "../../support/upstream.ts";

const [NEW, OLD, OWN] = ["n".repeat(32), "o".repeat(32), "h".repeat(32)];
let lines: string[] = [];
let used: unknown[] = [];
beforeEach(() => {
  lines = [];
  used = [];
});
const secretUse = {
  verified: (...use: unknown[]) => void used.push(use),
  flush: async () => {},
  close: async () => {},
};
const settings: ProofSettings = {
  identitySecrets: [NEW, OLD],
  userHashSecrets: [],
  issuers: [],
  publicUrl: "https://id.example.com",
  sessionFields: {},
  proofOnce: false,
};
const kinds = (changes: Partial<ProofSettings>) =>
  kindsOfProof(
    { ...settings, ...changes },
    secretUse,
    createLog((line) => lines.push(line)),
  );
const show = (
  changes: Partial<ProofSettings>,
  { user_hash, ...shown }: { proof?: string; user_hash?: string; cookie?: string },
) =>
  prove(
    {
      user: { id: "u1", user_hash },
      proof: shown.proof,
      request: new Request("https://id.example.com/", { headers: { cookie: shown.cookie ?? "" } }),
    },
    {
      kinds: kinds(changes),
      nothingCame: nothingCame({ ...settings, ...changes }),
      allowUnverified: false,
      unprovenTraits: "ignore",
    },
  );

const issuer = { url: "https://issuer.example", audience: ["x"], idClaim: "sub", trustEmail: false };

describe("the start says which hashes count", () => {
  test("where they are made with a key that is derived from the secret of the JWTs", () => {
    kinds({});
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "info", event: expect.stringMatching(/as hashUser .* with VAMBE_USER_HASH_SECRET only/) },
    ]);
  });

  test("and not where they have a secret of their own, or no hash can be checked at all", () => {
    kinds({ userHashSecrets: [OWN] });
    kinds({ identitySecrets: [] });
    kinds({ identitySecrets: [], userHashSecrets: [OWN] });
    expect(lines).toEqual([]);
  });
});

test("each secret that has verified a proof is counted, with the proof's kid", async () => {
  await show({}, { proof: signProof(OLD, "u1", {}, { kid: "2026-03" }) });
  await show({}, { user_hash: hashUser("u1", NEW) });
  await show({ userHashSecrets: [OWN] }, { user_hash: hashUser("u1", OWN) });
  expect(used).toEqual([
    [OLD, "2026-03"],
    [NEW, undefined],
    [OWN, undefined],
  ]);
});

test("by which kind it is proven is known: the log says it", async () => {
  await using of = await startIssuer();
  await using site = await startUpstream(reply(200, '{"id":"u1"}', { "content-type": "application/json" }));
  const issuers = [{ ...issuer, url: of.url, audience: ["client-1"] }];
  const by = async (...[changes, shown]: Parameters<typeof show>) => (await show(changes, shown)).user.by;
  expect(await by({}, { proof: signProof(NEW, "u1") })).toBe("jwt");
  expect(await by({ issuers }, { proof: await of.sign() })).toBe("id_token");
  expect(await by({}, { user_hash: hashUser("u1", NEW) })).toBe("user_hash");
  expect(await by({ authenticate: () => ({ id: "u1" }) }, {})).toBe("authenticate");
  expect(await by({ sessionUrl: `${site.url}/me` }, { cookie: "sid=1" })).toBe("session");
});

test("an issuer's token counts where there is an issuer, and a session where there is an endpoint", async () => {
  await using issuer = await startIssuer();
  await using site = await startUpstream(reply(200, '{"id":"u1"}', { "content-type": "application/json" }));
  const proof = await issuer.sign();
  const issuers = [{ url: issuer.url, audience: ["client-1"], idClaim: "sub", trustEmail: false }];
  expect(await outcomeOf(show({ issuers }, { proof }))).toBe("accepted");
  await expect(show({}, { proof })).rejects.toThrow("The proof's `alg` must be HS256.");
  expect(await outcomeOf(show({ sessionUrl: `${site.url}/me` }, { cookie: "sid=1" }))).toBe("accepted");
  expect(await outcomeOf(show({}, { cookie: "sid=1" }))).toBe("proof-missing");
});

test("a proof with another alg is told which may be", async () => {
  const proof = signProof(NEW, "u1", {}, { alg: "HS512" });
  const issuers = [issuer];
  const none = { identitySecrets: [] };
  await expect(show({}, { proof })).rejects.toThrow("The proof's `alg` must be HS256.");
  await expect(show({ ...none, issuers }, { proof })).rejects.toThrow(
    "The proof's `alg` must be RS256, ES256, EdDSA, Ed25519.",
  );
  await expect(show({ issuers }, { proof })).rejects.toThrow(/must be HS256, RS256, /);
});

test.each<[Partial<ProofSettings>, RegExp]>([
  [{}, /^`proof` is required: a JWT signed by your backend\.$/],
  [{ userHashSecrets: [OWN] }, /^`proof` is required/],
  [{ identitySecrets: [] }, /^`proof` is required/],
  [{ identitySecrets: [], userHashSecrets: [OWN] }, /^`user_hash` is required: .* VAMBE_USER_HASH_SECRET/],
  [{ identitySecrets: [], issuers: [issuer], userHashSecrets: [OWN] }, /^`proof` is required/],
  [{ authenticate: () => null }, /^`authenticate` knows no signed-in user for this request/],
  [{ sessionUrl: "https://shop.example.com/me" }, /no cookie came with the request\.$/],
  [{ sessionUrl: "https://shop.example.com/me", authenticate: () => null }, /VAMBE_SESSION_URL/],
])("who brings nothing is told what was looked for: %j", async (changes, told) => {
  await expect(show(changes, {})).rejects.toMatchObject({
    slug: "proof-missing",
    message: expect.stringMatching(told),
  });
});

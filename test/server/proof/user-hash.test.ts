import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { proveByUserHash } from "../../../server/proof/user-hash.ts";
import { hashUser } from "../../../server/sign/sign.ts";
import { outcomeOf } from "../../support/refusal.ts";

const [NEW, OLD, OWN] = ["n".repeat(32), "o".repeat(32), "h".repeat(32)];
const request = new Request("https://id.example.com/identify", { method: "POST" });
const plainHash = (id: string, secret: string) => createHmac("sha256", secret).update(id).digest("hex");

let used: string[] = [];
beforeEach(() => {
  used = [];
});
const verified = (secret: string) => used.push(secret);
const prover = (options: { userHashSecrets?: string[]; proofOnce?: boolean } = {}) => {
  const prove = proveByUserHash({
    identitySecrets: [NEW, OLD],
    userHashSecrets: [],
    proofOnce: false,
    verified,
    ...options,
  });
  return (user: { id?: string; user_hash?: string | null }) => prove({ user, proof: undefined, request });
};

test("a hash proves the id and nothing else, and counts for the secret that it is made with", async () => {
  const prove = prover();
  for (const secret of [NEW, OLD])
    expect(await prove({ id: "u1", user_hash: hashUser("u1", secret) })).toEqual({
      id: "u1",
      by: "user_hash",
      traits: {},
    });
  expect(used).toEqual([NEW, OLD]);
});

test("with a secret of its own counts plainly and derived, and no longer with those that sign JWTs", async () => {
  const prove = prover({ userHashSecrets: [OLD, OWN] });
  for (const user_hash of [plainHash("u1", OWN), hashUser("u1", OWN), plainHash("u1", OLD)])
    expect(await prove({ id: "u1", user_hash })).toEqual({ id: "u1", by: "user_hash", traits: {} });
  expect(used).toEqual([OWN, OWN, OLD]);
  expect(await outcomeOf(prove({ id: "u1", user_hash: hashUser("u1", NEW) }))).toBe("proof-user-hash");
});

describe("a hash that is refused", () => {
  const told = (user_hash: string) => prover()({ id: "u1", user_hash }).catch((error: unknown) => error);

  test.each([
    ["of another id", hashUser("u2", NEW)],
    ["that is no hex", `z${hashUser("u1", NEW).slice(1)}`],
    ["with a digit too many before it", `0${hashUser("u1", NEW)}`],
    ["with a digit too many behind it", `${hashUser("u1", NEW)}0`],
    ["that is empty", ""],
  ])("is told what it has to be: one %s", async (_, user_hash) => {
    expect(await told(user_hash)).toMatchObject({
      slug: "proof-user-hash",
      message: "The `user_hash` is not the HMAC-SHA256 of the id, in hex.",
    });
    expect(used).toEqual([]);
  });

  test.each([NEW, OLD])("is told so where it is made with a secret that signs JWTs (%s)", async (secret) => {
    expect(await told(plainHash("u1", secret))).toMatchObject({
      slug: "proof-user-hash",
      message: expect.stringMatching(/is made with VAMBE_IDENTITY_SECRET: make it with `hashUser`/),
    });
  });

  test.each([
    ["plainly", plainHash],
    ["derived", hashUser],
  ])(
    "is told so where hashes have a secret of their own, and it is made %s with another",
    async (_, make) => {
      const proving = prover({ userHashSecrets: [OWN] })({ id: "u1", user_hash: make("u1", OLD) });
      await expect(proving).rejects.toThrow(
        /is made with VAMBE_IDENTITY_SECRET: make it with the secret in VAMBE_USER_HASH_SECRET/,
      );
    },
  );

  test("is told so where proofs serve once", async () => {
    const proving = prover({ proofOnce: true })({ id: "u1", user_hash: hashUser("u1", NEW) });
    await expect(proving).rejects.toThrow(
      /the same each time, and with VAMBE_PROOF_ONCE a proof serves once/,
    );
  });
});

test("who brings no hash, or names no user, is not refused for it", async () => {
  for (const prove of [prover(), prover({ proofOnce: true })]) {
    expect(await prove({ id: "u1" })).toBeUndefined();
    expect(await prove({ id: "u1", user_hash: null })).toBeUndefined();
    expect(await prove({ user_hash: hashUser("u1", NEW) })).toBeUndefined();
  }
});

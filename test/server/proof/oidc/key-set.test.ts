import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import { IssuerKeys } from "../../../../server/proof/oidc/issuer-keys.ts";
import { KeySet } from "../../../../server/proof/oidc/key-set.ts";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { outcomeOf } from "../../../support/refusal.ts";
import { reply } from "../../../support/upstream.ts";

let issuer: RunningIssuer;
let lines: string[] = [];
beforeEach(async () => {
  issuer = await startIssuer({ alg: "ES256" });
  lines = [];
});
afterEach(() => issuer[Symbol.asyncDispose]());

const log = createLog((line) => lines.push(line));
/** Looks for the issuer's present key, and says what came of it. */
async function look(address: { url: string; jwksUrl?: string } = { url: issuer.url }): Promise<string> {
  const { jwk } = await issuer.publicKey();
  return outcomeOf(new IssuerKeys(address, { log }).keysFor({ alg: "ES256", kid: String(jwk.kid) }));
}
const logged = () => lines.map((line) => JSON.parse(line));

describe("a key set", () => {
  test.each([
    ["is empty", []],
    ["holds nothing that is a key", [1, null, "x", [], {}]],
    ["holds a secret alone", [{ kty: "oct", k: "c2VjcmV0" }]],
  ])("that %s has no key for anybody, and the log says so", async (_, published) => {
    issuer.publish(published);
    expect(await look()).toBe("proof-signature");
    const said = logged();
    expect(said[0]).toMatchObject({ level: "warn", setting: "VAMBE_OIDC_ISSUER", url: issuer.url });
    expect(said[0].event).toMatch(/no key that can be used/);
  });

  test.each([
    ["is no object", "[]"],
    ["has no keys", "{}"],
    ["has keys in another place", '{"keys":{"a":{"kty":"EC"}}}'],
  ])("that %s is not taken", async (_, body) => {
    issuer.misbehave(reply(200, body, { "content-type": "application/json" }));
    expect(await look()).toBe("issuer-unavailable");
    expect(logged()[0].cause).toBe("its key set is not one");
  });

  test.each([
    ["is for encryption", { use: "enc" }],
    ["is for another algorithm", { alg: "ES384" }],
    ["is a secret", { kty: "oct", k: "c2VjcmV0" }],
    ["is on another curve", { crv: "P-384" }],
    ["is broken", { x: "AAAA" }],
    ["may not verify", { key_ops: ["encrypt"] }],
  ])("with a key that %s has none for a proof", async (_, changes) => {
    const { jwk } = await issuer.publicKey();
    issuer.publish([{ ...jwk, ...changes }]);
    expect(await look()).toBe("proof-signature");
  });

  test("is read up to a hundred keys, which are more than anybody has", async () => {
    const { jwk } = await issuer.publicKey();
    expect(KeySet.read({ keys: Array(100).fill(jwk) })?.size).toBe(100);
    expect(KeySet.read({ keys: Array(101).fill(jwk) })?.size).toBe(100);
  });

  test("with many keys of one kid has four of them tried: a signature costs time", async () => {
    const { jwk } = await issuer.publicKey();
    const keys = KeySet.read({ keys: Array(50).fill(jwk) });
    const tried = await keys?.find({ alg: "ES256", kid: String(jwk.kid) });
    expect(tried?.map((key) => key.type)).toEqual(Array(4).fill("public"));
  });

  test("with a broken key is not fetched again for it, and the answer says whose fault it is", async () => {
    const { jwk } = await issuer.publicKey();
    issuer.publish([{ ...jwk, x: "AAAA" }]);
    const keys = new IssuerKeys({ url: issuer.url }, { log });
    for (let proof = 0; proof < 3; proof++) {
      await expect(keys.keysFor({ alg: "ES256", kid: String(jwk.kid) })).rejects.toThrow(
        "The issuer's key of that `kid` cannot be used.",
      );
    }
    expect(issuer.asked()).toBe(1);
  });

  test("with a key that is for another algorithm by its own word has none for this one", async () => {
    await using rsa = await startIssuer({ alg: "RS256" });
    const { jwk } = await rsa.publicKey();
    for (const alg of ["EdDSA", "Ed25519", "PS256"])
      expect(await KeySet.read({ keys: [{ ...jwk, alg }] })?.find({ alg: "RS256", kid: undefined })).toEqual(
        [],
      );
  });

  test("with an Ed25519 key on another curve, or of another kind, has none for an EdDSA proof", async () => {
    await using edwards = await startIssuer({ alg: "EdDSA" });
    const { jwk } = await edwards.publicKey();
    const found = async (changes: object) =>
      KeySet.read({ keys: [{ ...jwk, ...changes }] })?.find({ alg: "Ed25519", kid: String(jwk.kid) });
    expect(await found({})).toHaveLength(1);
    for (const changes of [{ crv: "X25519" }, { crv: "Ed448" }, { kty: "EC" }])
      expect(await found(changes)).toEqual([]);
  });
});

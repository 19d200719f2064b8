import { expect, test } from "vitest";
import { readProof } from "../../widget/inspector/proof.ts";
import { withoutSecrets } from "../../widget/inspector/secrets.ts";
import { base64url, inSeconds, signProof } from "../support/proofs.ts";

const read = (proof: string) => readProof(proof, "A", Date.now());
const signed = (claims: Record<string, unknown> = {}, header = {}) =>
  signProof("s".repeat(32), "A", claims, header);

test("of a proof that holds, it says the algorithm, the end and the names, and finds no fault", () => {
  const exp = inSeconds(600);
  const facts = read(signed({ exp, name: "José", plan: "premium", fields: { account_id: "x" } }));
  expect(facts).toEqual({
    kind: "JWT, HS256",
    expiresAt: exp * 1000,
    covers: ["name", "plan", "fields.account_id"],
    faults: [],
  });
});

test.each<[string, string, RegExp]>([
  ["has expired", signed({ exp: inSeconds(-5) }), /expired/],
  ["counts in milliseconds", signed({ exp: Date.now() + 600_000 }), /milliseconds/],
  ["lives for two hours", signed({ exp: inSeconds(7200) }), /one hour/],
  ["has no end", signed({ exp: undefined }), /no exp/],
  ["is for another user", signed({ sub: "B" }), /sub is not the id/],
  ["names nobody", signed({ sub: undefined }), /no sub/],
  ["is for another service", signed({ aud: "other" }), /aud/],
  ["is not signed", signed({}, { alg: "none" }), /alg: none/],
  ["is no JWT", "c2VjcmV0", /not a JWT/],
  ["is not JSON inside", `${base64url("a")}.${base64url("b")}.c`, /not a JWT/],
  ["has two parts", `${base64url({})}.${base64url({})}`, /not a JWT/],
])("a proof that %s is said to be so", (_, proof, fault) => {
  expect(read(proof).faults.join()).toMatch(fault);
});

test("an issuer's ID token may live a day and be for its own client", () => {
  const facts = read(signed({ exp: inSeconds(20 * 3600), aud: "client" }, { alg: "RS256" }));
  expect(facts).toMatchObject({ kind: "JWT, RS256", faults: [] });
});

test("no value of a claim is in what it says, whatever the header holds", () => {
  const said = JSON.stringify(read(signed({ email: "jane@example.com" }, { alg: "jane@example.com" })));
  expect(said).not.toContain("jane@");
});

test("text loses the secrets it is told of and all that looks like one, and nothing else", () => {
  const hash = "0f".repeat(32);
  const text = `sent odd-proof and eyJhbGciOi.eyJzdWIi.x-y for jane@example.com (${hash}), request 7fc8874c-e614`;
  expect(withoutSecrets(text, ["odd-proof", undefined])).toBe(
    "sent [hidden] and [hidden] for [hidden] ([hidden]), request 7fc8874c-e614",
  );
});

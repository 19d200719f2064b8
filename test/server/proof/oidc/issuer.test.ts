import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { outcomeOf } from "../../../support/refusal.ts";
import { proverFor } from "./prover.ts";

describe("a token", () => {
  let issuer: RunningIssuer;
  let prove: ReturnType<typeof proverFor>;
  beforeAll(async () => {
    issuer = await startIssuer();
    prove = proverFor(issuer);
  });
  afterAll(() => issuer[Symbol.asyncDispose]());

  test("of no issuer that is known makes nobody ask for keys", async () => {
    await using other = await startIssuer();
    const jwksUrl = `${other.upstream.url}/keys`;
    const proveThere = proverFor(other, { jwksUrl });
    for (const iss of [undefined, null, [other.iss], `${other.iss}/`, "https://evil.example"]) {
      const refused = await proveThere(await other.sign({ iss })).catch((problem: unknown) => problem);
      expect(refused).toMatchObject({ slug: "proof-claims", errors: [{ field: "iss" }] });
    }
    expect([other.asked(), other.asked("discovery")]).toEqual([0, 0]);
    expect(await outcomeOf(proveThere(await other.sign()))).toBe("accepted");
  });

  test.each([
    ["in upper case", (iss: string) => iss.toUpperCase(), true],
    ["with a slash at the end", (iss: string) => `${iss}/`, true],
    ["of another host", (iss: string) => iss.replace("127.0.0.1", "127.0.0.2"), false],
    ["that is no address", () => "shop", false],
    ["that is a list", (iss: string) => [iss.toUpperCase()], false],
  ])("of an issuer %s is told whether the setting is to blame", async (_, spell, isAlmost) => {
    const refused = await prove(await issuer.sign({ iss: spell(issuer.iss) })).catch((problem) => problem);
    const [{ detail }] = refused.errors;
    if (isAlmost) expect(detail).toMatch(/differs only in upper case, .* write the setting as the token has/);
    else expect(detail).toBe("must be an issuer in VAMBE_OIDC_ISSUER, letter by letter");
  });
});

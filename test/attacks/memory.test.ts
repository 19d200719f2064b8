import { describe, expect, test } from "vitest";
import { ClaimCache } from "../../server/claim/claim-cache.ts";
import { createProveClaim } from "../../server/claim/prove-claim.ts";
import { checkIdentifyBody } from "../../server/http/endpoint/identify-body.ts";
import { createLog } from "../../server/log.ts";
import { kindsOfProof } from "../../server/proof/kinds.ts";
import { countSecretUse } from "../../server/proof/secret-use.ts";
import { checkSettings } from "../../server/settings/check-settings.ts";
import { KeptTokens } from "../../server/token/kept-tokens.ts";
import { signProof } from "../support/proofs.ts";
import { freshSettings } from "../support/world.ts";

const MB = 1024 * 1024;

describe("what a visitor can make the exchange remember", () => {
  test("with one proof and junk that is different each time, is bounded in bytes", async () => {
    const { options, secret } = freshSettings();
    const settings = checkSettings(options);
    const log = createLog(() => {});
    const uses = { countSecretUses: async () => {}, secretUses: async () => [] };
    const secretUse = countSecretUse(uses, log);
    const kept = new ClaimCache();
    const prove = createProveClaim(
      {
        kinds: kindsOfProof({ ...settings, issuers: [] }, secretUse, log),
        nothingCame: "",
        allowUnverified: false,
        unprovenTraits: "ignore",
      },
      settings,
      kept,
    );
    const proof = signProof(secret, "u", { plan: "free" });
    const identify = (user: object) => {
      const text = JSON.stringify({ user: { id: "u", ...user }, proof });
      const read = () => {
        const { body, ignored } = checkIdentifyBody(JSON.parse(text));
        const request = new Request("https://id.example.com/identify");
        return { evidence: { user: body.user, proof: body.proof ?? undefined, request }, ignored };
      };
      return prove({ form: "identify", text, read });
    };
    const junk = (number: number) => ({
      fields: Object.fromEntries(
        Array.from({ length: 50 }, (_, at) => [`ñ${number}-${at}`.padEnd(48, "-"), "x"]),
      ),
    });
    let sent = 0;
    for (; sent < 4000; sent++) await identify(junk(sent));
    expect(kept.bytes).toBeGreaterThan(0);
    expect(kept.bytes).toBeLessThanOrEqual(32 * MB);
    expect(kept.size).toBeLessThan(sent);
    // Junk or not, whoever comes next is remembered as ever.
    const first = await identify({ plan: "free" });
    expect(await identify({ plan: "free" })).toBe(first);
    await secretUse.close();
  });

  test("by tokens for ids that are as long as they may be, is bounded in bytes", async () => {
    const kept = new KeptTokens(900);
    const token = "t".repeat(2000);
    for (let number = 0; number < 12_000; number++)
      await kept.get(`${number}-${"ñ".repeat(255)}`, "key", () => token);
    expect(kept.bytes).toBeGreaterThan(0);
    expect(kept.bytes).toBeLessThanOrEqual(16 * MB);
    let signed = 0;
    const sign = () => `signed ${++signed}`;
    const first = await kept.get("next", "key", sign);
    expect(await kept.get("next", "key", sign)).toEqual(first);
  });
});

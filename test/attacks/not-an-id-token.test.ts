import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningIssuer, startIssuer } from "../support/issuer.ts";
import { inSeconds } from "../support/proofs.ts";
import { tracesIn } from "../support/traces.ts";
import { startWorld, type World } from "../support/world.ts";

/** A true token of the issuer, for our client and unexpired, that was made for something else than a sign-in. */

let issuer: RunningIssuer;
let world: World;
beforeAll(async () => {
  issuer = await startIssuer();
  world = await startWorld({
    environment: { VAMBE_OIDC_ISSUER: issuer.url, VAMBE_OIDC_AUDIENCE: "client-1,client-2" },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

async function refusal(claims: Record<string, unknown>, header: Record<string, unknown> = {}) {
  const before = tracesIn(world);
  const answer = await world.page.identify({ id: "u1" }, await issuer.sign(claims, header));
  expect(answer.status, answer.text).toBe(401);
  expect(tracesIn(world)).toEqual(before);
  return answer.problem();
}

describe("a token that is no ID token is refused, by the claim that says so", () => {
  test.each<[string, string, Record<string, unknown>]>([
    ["a logout token", "events", { events: { [LOGOUT_EVENT]: {} }, sid: "s-1" }],
    ["a logout token without its event", "events", { events: {} }],
    ["a security event", "events", { events: { "https://schemas.openid.net/secevent/risc": {} } }],
    ["an access token", "scope", { scope: "openid profile email" }],
    ["an access token without any scope", "scope", { scope: "" }],
    ["an access token of Okta", "scp", { scp: ["openid"], cid: "client-1", uid: "u1" }],
    ["an access token of Entra", "scp", { scp: "User.Read", appid: "client-1" }],
    ["an access token of Cognito", "token_use", { token_use: "access" }],
    ["a token_use that is no text", "token_use", { token_use: ["id"] }],
    ["an access token of Keycloak", "typ", { typ: "Bearer" }],
    ["a refresh token of Keycloak", "typ", { typ: "Refresh" }],
    ["a logout token of Keycloak", "typ", { typ: "Logout" }],
    [
      "a token bound to a key by DPoP",
      "cnf",
      { cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } },
    ],
    [
      "a token bound to a certificate",
      "cnf",
      { cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } },
    ],
    ["a session that waits for a second factor", "sts", { sts: "pending" }],
  ])("%s (`%s`)", async (_, claim, claims) => {
    const { slug, detail } = await refusal(claims);
    expect(slug).toBe("proof-malformed");
    expect(detail).toContain(`\`${claim}\``);
  });

  test("and the remedy stands beside it", async () => {
    expect((await refusal({ scope: "openid" })).detail).toMatch(/send the ID token/i);
  });

  test.each(["at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt"])(
    "a header with the typ %s",
    async (typ) => {
      expect((await refusal({}, { typ })).slug).toBe("proof-malformed");
    },
  );
});

describe("a token that another app of the same issuer was given", () => {
  test.each<[string, unknown]>([
    ["another app", "client-9"],
    ["nobody", ""],
    ["null", null],
    ["a list", ["client-1"]],
  ])("is refused where azp is %s, though its one aud is ours", async (_, azp) => {
    const { slug, detail } = await refusal({ aud: "client-1", azp });
    expect(slug).toBe("proof-audience");
    expect(detail).toContain("`azp`");
    expect((await refusal({ aud: ["client-1"], azp })).slug).toBe("proof-audience");
  });

  test("is accepted where azp is another app of ours: the operator has listed both", async () => {
    const proof = await issuer.sign({ aud: "client-1", azp: "client-2" });
    expect((await world.page.identify({ id: "u1" }, proof)).status).toBe(200);
  });
});

describe("an email that the issuer does not vouch for", () => {
  const identify = async (sub: string, claims: Record<string, unknown>, at = world) => {
    const proof = await issuer.sign({ sub, email: `${sub}@example.com`, ...claims });
    const answer = (await at.page.identify({ id: sub }, proof)).identity();
    return {
      applied: answer.applied,
      ignored: answer.ignored,
      atVambe: JSON.stringify(at.vambe.standIn.upserts()),
    };
  };

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["false", false],
    ["false as text", "false"],
    ["0", 0],
    ["null", null],
    ["an object", { value: true }],
    ["a list", [true]],
    ["yes", "yes"],
  ])("is ignored, and the person is not refused: email_verified is %s", async (name, email_verified) => {
    const sub = `unverified-${name.replace(/ /g, "-")}`;
    const { applied, ignored, atVambe } = await identify(sub, { email_verified });
    expect(applied).not.toContain("email");
    expect(ignored).toEqual([{ trait: "email", reason: "not-verified" }]);
    expect(atVambe).not.toContain(`${sub}@example.com`);
  });

  test.each<[string, Record<string, unknown>]>([
    ["true", { email_verified: true }],
    ["text, as Cognito and Apple have it", { email_verified: "true" }],
    ["Entra's claim for it", { xms_edov: true }],
    ["Entra's claim for it, as a number", { xms_edov: 1 }],
    ["Entra's claim for it, as text", { xms_edov: "1" }],
  ])("is one that it vouches for by %s", async (name, claims) => {
    const sub = `verified-${name.replace(/[^a-z]/gi, "-")}`;
    const { applied, atVambe } = await identify(sub, claims);
    expect(applied).toContain("email");
    expect(atVambe).toContain(`${sub}@example.com`);
  });

  test("counts where the operator says that his issuer never sends the claim, and never against it", async () => {
    await using trusting = await startWorld({
      environment: {
        VAMBE_OIDC_ISSUER: issuer.url,
        VAMBE_OIDC_AUDIENCE: "client-1",
        VAMBE_OIDC_TRUST_EMAIL: "true",
      },
    });
    expect((await identify("trusted", {}, trusting)).applied).toEqual(["email"]);
    expect((await identify("denied", { email_verified: false }, trusting)).ignored).toEqual([
      { trait: "email", reason: "not-verified" },
    ]);
  });

  test("names nobody either: where the email is the id, it has to be verified", async () => {
    await using byEmail = await startWorld({
      environment: {
        VAMBE_OIDC_ISSUER: issuer.url,
        VAMBE_OIDC_AUDIENCE: "client-1",
        VAMBE_OIDC_ID_CLAIM: "email",
      },
    });
    const claims = { sub: "mallory", email: "admin@example.com", iat: inSeconds(0) };
    const visit = async (more: object) =>
      byEmail.page.identify({ id: "admin@example.com" }, await issuer.sign({ ...claims, ...more }));
    for (const more of [{}, { email_verified: false }, { email_verified: "false" }]) {
      const answer = await visit(more);
      expect(answer.problem()).toMatchObject({ slug: "proof-claims", errors: [{ field: "email_verified" }] });
    }
    expect((await visit({ email_verified: true })).identity().user.id).toBe("admin@example.com");
  });
});

import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inSeconds } from "../../support/proofs.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

const JWT = "urn:ietf:params:oauth:token-type:jwt";
const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const post = (fields: Record<string, string> | [string, string][], headers: Record<string, string> = {}) =>
  fetch(`${world.exchange.url}/token`, { method: "POST", headers, body: new URLSearchParams(fields) });
const good = (proof = world.proofFor("u", jane)) => ({
  grant_type: GRANT,
  subject_token: proof,
  subject_token_type: JWT,
});

test("an OAuth client library does the exchange, and a JWT library verifies what comes back", async () => {
  const server = { issuer: world.exchange.url, token_endpoint: `${world.exchange.url}/token` };
  const client = { client_id: "any" };
  const response = await oauth.genericTokenEndpointRequest(
    server,
    client,
    oauth.None(),
    GRANT,
    { subject_token: world.proofFor("by-library", jane), subject_token_type: JWT },
    { [oauth.allowInsecureRequests]: true },
  );
  const result = await oauth.processGenericTokenEndpointResponse(server, client, response);
  expect(result).toMatchObject({ token_type: "bearer", issued_token_type: JWT });
  expect(result.expires_in).toBeGreaterThan(400);

  const keys = createRemoteJWKSet(new URL(`${world.exchange.url}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(result.access_token, keys, {
    issuer: world.exchange.url,
    audience: ORIGIN,
    algorithms: ["ES256"],
    typ: "vambe-identity+jwt",
  });
  expect(payload).toMatchObject({ sub: "by-library", verified: true, channel_id: world.channelId });
  expect(world.vambe.standIn.contacts()).toMatchObject([
    { external_user_id: "by-library", contact: { name: "Jane Doe" }, fields: { plan: "premium" } },
  ]);
});

test("answers are not stored anywhere on the way", async () => {
  const answer = await post(good());
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("what the token is called is answered as it was asked for", async () => {
  const type = "urn:ietf:params:oauth:token-type:access_token";
  expect((await (await post({ ...good(), requested_token_type: type })).json()).issued_token_type).toBe(type);
});

test("a scope that was asked for is answered: the token has none", async () => {
  const asked = await (await post({ ...good(), scope: "openid profile" })).json();
  expect(asked.scope).toBe("");
  expect(await (await post(good())).json()).not.toHaveProperty("scope");
});

test("a resource that lies in the audience is understood", async () => {
  for (const resource of [ORIGIN, `${ORIGIN}/`, `${ORIGIN}/account`])
    expect((await post({ ...good(), resource })).status).toBe(200);
});

test("a refusal says which of the two tokens it is about, and why", async () => {
  const withActor = async (claims: object, actor: string) => {
    const form = { ...good(world.proofFor("zoe", { ...claims })), actor_token: actor, actor_token_type: JWT };
    return (await (await post(form)).json()).error_description;
  };
  expect(await withActor({}, world.proofFor("support", { exp: inSeconds(-300) }))).toMatch(
    /^actor_token: The proof's 'exp' passed/,
  );
  expect(await withActor({ may_act: { sub: "x" } }, world.proofFor("support"))).toMatch(
    /actor_token\.sub is not whom the subject's 'may_act' names/,
  );
  expect(await withActor({ may_act: { sub: 7 } }, world.proofFor("7"))).toBeUndefined();
});

test("a token that is too long is called that, and not missing", async () => {
  const { error_description } = await (await post(good(`eyJ${"x".repeat(17_000)}.x.x`))).json();
  expect(error_description).toMatch(/^subject_token must be at most 16384 characters/);
});

describe("errors are those of RFC 6749", () => {
  const cases: [string, () => Record<string, string> | [string, string][], string][] = [
    ["another grant", () => ({ ...good(), grant_type: "password" }), "unsupported_grant_type"],
    ["no grant", () => ({}), "unsupported_grant_type"],
    ["no subject_token", () => ({ ...good(), subject_token: "" }), "invalid_request"],
    ["what is no JWT", () => good("nonsense"), "invalid_request"],
    ["another type of token", () => ({ ...good(), subject_token_type: "saml" }), "invalid_request"],
    ["another type asked for", () => ({ ...good(), requested_token_type: "saml" }), "invalid_request"],
    ["a parameter twice", () => [...Object.entries(good()), ["subject_token", "x"]], "invalid_request"],
    ["an actor_token without its type", () => ({ ...good(), actor_token: "x" }), "invalid_request"],
    ["an actor_token_type alone", () => ({ ...good(), actor_token_type: JWT }), "invalid_request"],
    [
      "a resource that is not ours",
      () => ({ ...good(), resource: "https://evil.example/api" }),
      "invalid_target",
    ],
    [
      "a backend's JWT that is called an ID token",
      () => ({ ...good(), subject_token_type: "urn:ietf:params:oauth:token-type:id_token" }),
      "invalid_request",
    ],
    [
      "an actor's JWT that is called an ID token",
      () => ({
        ...good(),
        actor_token: world.proofFor("support"),
        actor_token_type: "urn:ietf:params:oauth:token-type:id_token",
      }),
      "invalid_request",
    ],
    [
      "two audiences",
      () => [...Object.entries(good()), ["audience", ORIGIN], ["audience", "https://evil.example"]],
      "invalid_target",
    ],
    [
      "two resources",
      () => [...Object.entries(good()), ["resource", ORIGIN], ["resource", "https://evil.example"]],
      "invalid_target",
    ],
    ["a resource that is no URI", () => ({ ...good(), resource: "api" }), "invalid_target"],
    ["a resource with a fragment", () => ({ ...good(), resource: `${ORIGIN}/#x` }), "invalid_target"],
    [
      "a resource beside another audience",
      () => ({ ...good(), resource: ORIGIN, audience: "https://evil.example" }),
      "invalid_target",
    ],
    ["an expired proof", () => good(world.proofFor("u", { exp: inSeconds(-600) })), "invalid_request"],
    ["a forged proof", () => good(`${world.proofFor("u").slice(0, -4)}AAAA`), "invalid_request"],
    ["a proof without a signature", () => good(world.proofFor("u", {}, { alg: "none" })), "invalid_request"],
    ["another audience", () => ({ ...good(), audience: "https://evil.example" }), "invalid_target"],
  ];
  test.each(cases)("%s", async (_, fields, code) => {
    const before = world.vambe.standIn.upserts().length;
    const answer = await post(fields());
    expect(answer.status).toBe(400);
    const body = await answer.json();
    expect(body.error).toBe(code);
    expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(world.vambe.standIn.upserts().length).toBe(before);
  });

  test("and lead to the page that says how to mend it", async () => {
    const { error_uri } = await (await post(good(world.proofFor("u", { aud: "other" })))).json();
    expect(error_uri).toMatch(/\/problems\/proof-audience$/);
    expect((await fetch(error_uri)).status).toBe(200);
  });
});

describe("a page", () => {
  test("that is allowed may ask, and the token is for it", async () => {
    const answer = await post(good(), { origin: ORIGIN });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });

  test("that is not allowed may not, though a client that is no browser needs no origin", async () => {
    const answer = await post(good(), { origin: "https://evil.example" });
    expect(answer.status).toBe(403);
    expect((await answer.json()).error).toBe("unauthorized_client");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("cannot get a token for another one", async () => {
    await using two = await startWorld({
      environment: { VAMBE_ALLOWED_ORIGINS: `${ORIGIN},https://other.example` },
    });
    const form = (audience?: string) =>
      new URLSearchParams({ ...good(two.proofFor("u")), ...(audience ? { audience } : {}) });
    const ask = async (audience: string | undefined, headers: Record<string, string> = {}) =>
      (await fetch(`${two.exchange.url}/token`, { method: "POST", headers, body: form(audience) })).json();
    expect((await ask("https://other.example", { origin: ORIGIN })).error).toBe("invalid_target");
    expect((await ask(undefined)).error).toBe("invalid_target");
    expect((await ask("https://other.example")).access_token).toMatch(/^eyJ/);
  });
});

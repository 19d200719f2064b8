import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningIssuer, startIssuer } from "../support/issuer.ts";
import { inSeconds } from "../support/proofs.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** Two issuers of one site: each vouches with its own keys, for its own apps, and one does not speak for the other. */

let one: RunningIssuer;
let two: RunningIssuer;
let world: World;
beforeAll(async () => {
  one = await startIssuer();
  two = await startIssuer({ alg: "ES256", path: "/realms/shop" });
  world = await startWorld({
    environment: {
      VAMBE_OIDC_ISSUER: `${one.url}, ${two.url}`,
      VAMBE_OIDC_AUDIENCE: `${one.url}=app-1, ${one.url}=app-2, ${two.url}=app-3`,
      VAMBE_OIDC_ID_CLAIM: `${two.url}=oid`,
      VAMBE_PROOF_ONCE: "true",
    },
  });
});
afterAll(async () => {
  for (const each of [world, one, two]) await each[Symbol.asyncDispose]();
});

let tokens = 0;
const tokenOf = (issuer: RunningIssuer, claims: Record<string, unknown> = {}, header = {}, key?: CryptoKey) =>
  issuer.sign({ jti: `jti-${++tokens}`, ...claims }, header, key);
const identify = async (id: string, proof: string) => world.page.identify({ id }, proof);

test("both are served, each with each of its audiences and its own claim for the id", async () => {
  expect((await identify("u1", await tokenOf(one, { aud: "app-1" }))).status).toBe(200);
  expect((await identify("u1", await tokenOf(one, { aud: "app-2" }))).status).toBe(200);
  const answer = await identify("o-1", await tokenOf(two, { aud: "app-3", oid: "o-1" }));
  expect(answer.identity().user).toEqual({ id: "o-1", verified: true });
});

test("an audience of one does not serve for the other", async () => {
  const asks: [RunningIssuer, string][] = [
    [one, "app-3"],
    [two, "app-1"],
    [two, `${one.url}=app-1`],
  ];
  for (const [issuer, aud] of asks) {
    const answer = await identify("u1", await tokenOf(issuer, { aud, oid: "u1" }));
    expect(answer.problem().slug).toBe("proof-audience");
  }
});

test("the keys of one do not serve for the other, whatever iss and kid say", async () => {
  const { jwk } = await one.publicKey();
  const byTwo = await tokenOf(two, { iss: one.iss, aud: "app-1" }, { alg: "ES256", kid: jwk.kid });
  expect((await identify("u1", byTwo)).problem().slug).toBe("proof-signature");
  const ofTwo = await tokenOf(one, { iss: two.iss, aud: "app-3", oid: "u1" });
  expect((await identify("u1", ofTwo)).problem().slug).toBe("proof-signature");
});

test("a jti counts within its issuer: one cannot use up the other's tokens", async () => {
  const jti = "the-same";
  expect((await identify("u1", await tokenOf(one, { aud: "app-1", jti }))).status).toBe(200);
  expect((await identify("u1", await tokenOf(two, { aud: "app-3", oid: "u1", jti }))).status).toBe(200);
  expect((await identify("u1", await tokenOf(one, { aud: "app-1", jti }))).problem().slug).toBe("proof-used");
});

test("a claim for the id that the token does not have is named", async () => {
  const problem = (await identify("u1", await tokenOf(two, { aud: "app-3" }))).problem();
  expect(problem).toMatchObject({ slug: "proof-claims", errors: [{ field: "oid" }] });
  expect(problem.errors?.[0]?.detail).toContain("VAMBE_OIDC_ID_CLAIM");
});

test.each([null, "", " ", true, ["u1"], { id: "u1" }])("an id claim of %j proves nobody", async (oid) => {
  const problem = (await identify("u1", await tokenOf(two, { aud: "app-3", oid }))).problem();
  expect(problem).toMatchObject({ slug: "proof-claims", errors: [{ field: "oid" }] });
});

test("/token goes by the same claim: whom the token names is whom the exchange names", async () => {
  const exchanged = async (subject_token: string) => {
    const answer = await world.page.send("/token", {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token,
        subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
      }).toString(),
    });
    expect(answer.status, answer.text).toBe(200);
    const [, claims = ""] = String(JSON.parse(answer.text).access_token).split(".");
    return JSON.parse(Buffer.from(claims, "base64url").toString()).sub;
  };
  expect(await exchanged(await tokenOf(two, { aud: "app-3", oid: "o-2", sub: "pairwise" }))).toBe("o-2");
  expect(await exchanged(await tokenOf(one, { aud: "app-1", oid: "o-3", sub: "u3" }))).toBe("u3");
});

describe("a token that names no issuer of ours", () => {
  test.each<[string, () => unknown]>([
    ["a stranger", () => "https://evil.example"],
    ["both in one text", () => `${one.iss},${two.iss}`],
    ["both in a list", () => [one.iss, two.iss]],
    ["nobody", () => undefined],
    ["an empty text", () => ""],
    ["one that begins the same", () => `${one.iss}.evil.example`],
    ["one with a path more", () => `${one.iss}/realms/other`],
    ["one in upper case", () => one.iss.toUpperCase()],
    ["one with a slash at the end", () => `${one.iss}/`],
    ["one with a blank", () => `${one.iss} `],
    ["one with another spelling of its host", () => one.iss.replace("127.0.0.1", "127.1")],
  ])("is refused without asking anybody: %s", async (_, iss) => {
    const [asked, searched] = [one.asked() + two.asked(), one.asked("discovery") + two.asked("discovery")];
    const problem = (await identify("u1", await tokenOf(one, { iss: iss(), aud: "app-1" }))).problem();
    expect(problem).toMatchObject({ slug: "proof-claims", errors: [{ field: "iss" }] });
    expect(one.asked() + two.asked()).toBe(asked);
    expect(one.asked("discovery") + two.asked("discovery")).toBe(searched);
  });
});

test("one that is down stops nobody of the other's", async () => {
  await using down = await startIssuer();
  await using up = await startIssuer();
  await using both = await startWorld({
    environment: {
      VAMBE_OIDC_ISSUER: `${down.url},${up.url}`,
      VAMBE_OIDC_AUDIENCE: `${down.url}=client-1,${up.url}=client-1`,
    },
  });
  await down.upstream.close();
  const visit = async (issuer: RunningIssuer) =>
    both.page.identify({ id: "u1" }, await issuer.sign({ exp: inSeconds(60) }));
  expect((await visit(down)).problem().slug).toBe("issuer-unavailable");
  expect((await visit(up)).status).toBe(200);
  expect((await visit(down)).problem().slug).toBe("issuer-unavailable");
  const [line, ...others] = both.exchange.log().filter(({ setting }) => setting === "VAMBE_OIDC_ISSUER");
  expect(others).toEqual([]);
  expect(line).toMatchObject({ level: "error", url: down.url });
});

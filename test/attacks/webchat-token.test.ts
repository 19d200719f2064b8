import { createHmac, randomBytes } from "node:crypto";
import jwt from "jsonwebtoken";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runExchange } from "../support/exchange-process.ts";
import { startIssuer } from "../support/issuer.ts";
import { signProof } from "../support/proofs.ts";
import { freshSettings, ORIGIN, startWorld, type World } from "../support/world.ts";

/** The webchat's token opens a person's conversation. Nothing else may pass for it, and it for nothing else. */

const WEBCHAT_SECRET = randomBytes(32).toString("hex");
const HASH_SECRET = randomBytes(32).toString("hex");

let issuer: Awaited<ReturnType<typeof startIssuer>>;
let world: World;
beforeAll(async () => {
  issuer = await startIssuer();
  // Every kind of proof at once.
  world = await startWorld({
    environment: {
      VAMBE_WEBCHAT_SECRET: WEBCHAT_SECRET,
      VAMBE_USER_HASH_SECRET: HASH_SECRET,
      VAMBE_OIDC_ISSUER: issuer.url,
      VAMBE_OIDC_AUDIENCE: "client",
      VAMBE_ALLOW_UNVERIFIED: "true",
      VAMBE_UNPROVEN_TRAITS: "apply",
    },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const chatClaims = (token: unknown) =>
  jwt.verify(String(token), WEBCHAT_SECRET, { algorithms: ["HS256"] }) as jwt.JwtPayload;
const hashOf = (id: string) => createHmac("sha256", HASH_SECRET).update(id).digest("hex");
const exchangeToken = (subject_token: string) =>
  world.page.send("/token", {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    }).toString(),
  });

describe("a verified user", () => {
  test("gets it, with the proven name, at /identify and at /token, the first time and unchanged", async () => {
    for (let load = 0; load < 3; load++) {
      const answer = (await world.signIn("jane", { name: "Jane Doe" })).identity();
      expect(chatClaims(answer.webchat_token)).toMatchObject({ sub: "jane", name: "Jane Doe" });
    }
    const granted = await exchangeToken(world.proofFor("jane", { name: "Jane Doe" }));
    expect(chatClaims(JSON.parse(granted.text).webchat_token)).toMatchObject({
      sub: "jane",
      name: "Jane Doe",
    });
  });

  test("by user_hash alone gets it without a name: the page's own word is no proof of one", async () => {
    const id = "hashed";
    const answer = await world.page.identify({ id, name: "Somebody Else", user_hash: hashOf(id) });
    expect(answer.identity().applied).toContain("name");
    expect(chatClaims(answer.identity().webchat_token)).toMatchObject({ sub: id });
    expect(chatClaims(answer.identity().webchat_token)).not.toHaveProperty("name");
  });

  test("gets none where the exchange has no secret of the channel", async () => {
    await using plain = await startWorld();
    expect((await plain.signIn("jane")).identity()).not.toHaveProperty("webchat_token");
  });
});

test("an unverified user gets none, also after somebody of that id was verified", async () => {
  await world.signIn("victim", { name: "Victim" });
  const answer = (await world.page.identify({ id: "victim" })).identity();
  expect(answer.user).toEqual({ id: "victim", verified: false });
  expect(answer).not.toHaveProperty("webchat_token");
});

test("two users who come at once each get their own", async () => {
  const ids = Array.from({ length: 40 }, (_, number) => `user-${number}`);
  const answers = await Promise.all(ids.map((id) => world.signIn(id, { name: `Name of ${id}` })));
  expect(answers.map((answer) => chatClaims(answer.identity().webchat_token).sub)).toEqual(ids);
});

describe("shown as a proof", () => {
  test("it is refused at /identify and at /token, for its own user and for another", async () => {
    const token = String((await world.signIn("mallory", { name: "Mallory" })).identity().webchat_token);
    for (const id of ["mallory", "admin"]) {
      expect((await world.page.identify({ id }, token)).problem().slug).toBe("proof-signature");
    }
    const answer = await exchangeToken(token);
    expect([answer.status, answer.text.includes("access_token")]).toEqual([400, false]);
  });

  test("its signature is no user_hash of anything", async () => {
    const token = String((await world.signIn("mallory")).identity().webchat_token);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const user_hash = Buffer.from(signature, "base64url").toString("hex");
    const answer = await world.page.identify({ id: `${header}.${payload}`, user_hash });
    expect(answer.problem().slug).toBe("proof-user-hash");
  });
});

describe("in its place", () => {
  test.each([
    ["our proof", () => world.proofFor("admin")],
    ["our own token", async () => (await world.signIn("admin")).identity().token],
    ["a proof under another secret", () => signProof("x".repeat(40), "admin")],
  ])("%s does not verify", async (_, make) => {
    const token = await make();
    expect(() => chatClaims(token)).toThrow();
  });

  test("a user_hash of a text that looks like a token does not verify either", () => {
    const text = ['{"alg":"HS256"}', '{"sub":"admin"}'].map((part) =>
      Buffer.from(part).toString("base64url"),
    );
    const signature = Buffer.from(hashOf(text.join(".")), "hex").toString("base64url");
    expect(() => chatClaims([...text, signature].join("."))).toThrow("invalid signature");
  });
});

describe("the start is refused", () => {
  const secret = randomBytes(32).toString("hex");
  test.each([
    ["a secret that proofs are signed with", { VAMBE_IDENTITY_SECRET: `${"y".repeat(40)},${secret}` }],
    ["a secret of user_hash", { VAMBE_USER_HASH_SECRET: secret }],
  ])("with %s", async (_, others) => {
    const environment = { ...freshSettings().environment, ...others, VAMBE_WEBCHAT_SECRET: secret };
    const { code, output } = await runExchange(environment);
    expect(code).toBe(1);
    expect(output).toMatch(/VAMBE_WEBCHAT_SECRET must not be one of the secrets/);
    expect(output).not.toContain(secret);
  });

  test("with a short one, and with a claim that has another meaning", async () => {
    const { environment } = freshSettings();
    const settings = { ...environment, VAMBE_WEBCHAT_SECRET: "short", VAMBE_WEBCHAT_ID_CLAIM: "exp" };
    const { code, output } = await runExchange(settings);
    expect(code).toBe(1);
    expect(output).toMatch(/VAMBE_WEBCHAT_SECRET must be at least 32 bytes/);
    expect(output).toMatch(/VAMBE_WEBCHAT_ID_CLAIM must be a claim that has no other meaning/);
  });
});

test("it stands in no log line and no file of the exchange's", async () => {
  const token = String((await world.signIn("logged", { name: "Logged" })).identity().webchat_token);
  const { readdirSync, readFileSync } = await import("node:fs");
  const files = readdirSync(world.folder.path).map((name) => readFileSync(world.folder.file(name), "latin1"));
  const signature = token.split(".")[2] ?? token;
  await expect.poll(() => world.exchange.output()).toContain("identified");
  expect([world.exchange.output(), ...files].join("\n")).not.toContain(signature);
  expect(world.exchange.output()).not.toContain(WEBCHAT_SECRET);
});

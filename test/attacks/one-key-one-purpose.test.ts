import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkSettings } from "../../server/settings/check-settings.ts";
import { readEnvironment } from "../../server/settings/environment.ts";
import { SettingsError } from "../../server/settings/settings-error.ts";
import { hashUser } from "../../server/sign/sign.ts";
import { base64url, inSeconds, signJwt } from "../support/proofs.ts";
import { freshSettings, startWorld, type World } from "../support/world.ts";

/** A site hashes what its users choose, and one of them has chosen a text that looks like a JWT. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const plainHash = (id: string, secret: string) => createHmac("sha256", secret).update(id).digest();
const claims = () => ({ sub: "admin", aud: "vambe-identity", exp: inSeconds(600) });
/** JSON may begin with white space, and a lenient reader passes over a byte order mark. */
const SPELLINGS = {
  "as usual": '{"alg":"HS256"}',
  "behind a blank": ' {"alg":"HS256"}',
  "behind a line break": '\n{"alg":"HS256"}',
  "behind a tab": '\t{"alg":"HS256"}',
  "behind a byte order mark": '\ufeff{"alg":"HS256"}',
  "behind CR and LF": '\r\n{"alg":"HS256"}',
  "with a blank inside": '{ "alg":"HS256"}',
  "before a blank": '{"alg":"HS256"} ',
};

describe("a user whose name is a JWT's first two parts", () => {
  const chosenName = (header: string) => `${base64url(header)}.${base64url(claims())}`;

  test.each(Object.entries(SPELLINGS))(
    "does not get a proof for admin by having his name hashed: %s",
    async (_, header) => {
      const name = chosenName(header);
      const signature = Buffer.from(hashUser(name, world.secret), "hex").toString("base64url");
      const answer = await world.page.identify({ id: "admin" }, `${name}.${signature}`);
      expect(answer.problem().slug).toMatch(/^proof-(signature|malformed)$/);
    },
  );

  test("nor where the site hashes as another vendor asked it to, with a secret of its own", async () => {
    const secret = "the-secret-that-another-vendor-gave-out";
    await using apart = await startWorld({ environment: { VAMBE_USER_HASH_SECRET: secret } });
    for (const header of Object.values(SPELLINGS)) {
      const name = chosenName(header);
      const forged = `${name}.${plainHash(name, secret).toString("base64url")}`;
      expect((await apart.page.identify({ id: "admin" }, forged)).status).toBe(401);
    }
    const honest = await apart.page.identify({ id: "u", user_hash: plainHash("u", secret).toString("hex") });
    expect(honest.identity().user).toMatchObject({ id: "u", verified: true });
  });
});

describe("a proof's own signature", () => {
  test("is no user_hash of the proof's text, by any secret that the exchange has", async () => {
    const [header, payload, signature = ""] = world.proofFor("mallory").split(".");
    const id = `${header}.${payload}`;
    const user_hash = Buffer.from(signature, "base64url").toString("hex");
    expect((await world.page.identify({ id, user_hash })).problem().slug).toBe("proof-user-hash");
  });
});

describe("a user_hash as other vendors make it, with the secret that signs JWTs", () => {
  test("is refused, and the answer says what to do", async () => {
    const user_hash = plainHash("u", world.secret).toString("hex");
    const { slug, detail } = (await world.page.identify({ id: "u", user_hash })).problem();
    expect(slug).toBe("proof-user-hash");
    expect(detail).toMatch(/VAMBE_IDENTITY_SECRET: make it with `hashUser`.*VAMBE_USER_HASH_SECRET/);
  });

  test("is accepted once that secret is the hashes' alone", async () => {
    const secret = "0123456789abcdef0123456789abcdef-old";
    await using moved = await startWorld({ environment: { VAMBE_USER_HASH_SECRET: secret } });
    const user_hash = plainHash("u", secret).toString("hex");
    expect((await moved.page.identify({ id: "u", user_hash })).status).toBe(200);
    const byTheSigner = hashUser("u", secret);
    expect((await moved.page.identify({ id: "u", user_hash: byTheSigner })).status).toBe(200);
  });

  test("where both are set, the answer names the one that counts", async () => {
    const VAMBE_USER_HASH_SECRET = "the-hashes-own-secret-24";
    await using both = await startWorld({ environment: { VAMBE_USER_HASH_SECRET } });
    for (const user_hash of [plainHash("u", both.secret).toString("hex"), hashUser("u", both.secret)]) {
      const { detail } = (await both.page.identify({ id: "u", user_hash })).problem();
      expect(detail).toMatch(
        /is made with VAMBE_IDENTITY_SECRET: make it with the secret in VAMBE_USER_HASH_SECRET/,
      );
    }
    // Chatwoot's are as short as this one.
    const user_hash = plainHash("u", VAMBE_USER_HASH_SECRET).toString("hex");
    expect((await both.page.identify({ id: "u", user_hash })).status).toBe(200);
  });

  test("without any other proof, a hash is what is asked for", async () => {
    const environment = {
      VAMBE_IDENTITY_SECRET: "",
      VAMBE_USER_HASH_SECRET: `${"x1".repeat(10)}the-hashes-own`,
    };
    await using hashes = await startWorld({ environment });
    expect((await hashes.page.identify({ id: "u" })).problem().detail).toMatch(/^`user_hash` is required/);
  });

  test("the start says which hashes count", async () => {
    await expect.poll(() => world.exchange.output()).toMatch(/user_hash.*VAMBE_USER_HASH_SECRET/);
  });
});

describe("one key under two names", () => {
  const secret = "a-secret-of-the-site-that-is-long-enough";
  const mistakes = (changes: Record<string, string>) => {
    try {
      readEnvironment({ ...freshSettings().environment, VAMBE_IDENTITY_SECRET: secret, ...changes });
    } catch (error) {
      if (error instanceof SettingsError) return error.message;
      throw error;
    }
    return "";
  };

  test.each(["VAMBE_USER_HASH_SECRET", "VAMBE_WEBCHAT_SECRET"])("stops the start: %s", (name) => {
    expect(mistakes({ [name]: secret })).toContain(name);
    expect(mistakes({ [name]: "another-secret-of-the-site-long-enough" })).toBe("");
  });

  test("stops the start where the texts differ and the keys do not: HMAC fills a short key up with zeros", () => {
    const { options } = freshSettings();
    const settings = { ...options, identitySecrets: [secret], userHashSecrets: [`${secret}\0`] };
    expect(() => checkSettings(settings)).toThrow(/userHashSecrets/);
  });
});

describe("a header that no library writes", () => {
  test.each(Object.entries(SPELLINGS).filter(([, text]) => !/^\{.*\}$/.test(text)))(
    "%s, is refused although its signature holds",
    async (_, text) => {
      const signed = `${base64url(text)}.${base64url(claims())}`;
      const proof = `${signed}.${plainHash(signed, world.secret).toString("base64url")}`;
      expect((await world.page.identify({ id: "admin" }, proof)).problem().slug).toBe("proof-malformed");
    },
  );

  test("another spelling of the same signature is another text, and no proof", async () => {
    const proof = signJwt(claims(), world.secret);
    // 32 bytes leave two bits of the last letter unused.
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = letters.indexOf(proof.at(-1) ?? "");
    for (const other of [last + 1, last + 2, last + 3]) {
      const respelled = proof.slice(0, -1) + letters[other];
      expect((await world.page.identify({ id: "admin" }, respelled)).problem().slug).toBe("proof-malformed");
    }
    expect((await world.page.identify({ id: "admin" }, proof)).status).toBe(200);
  });
});

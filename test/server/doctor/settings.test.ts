import { describe, expect, test } from "vitest";
import type { Environment } from "../../support/exchange-process.ts";
import { type Mark, runDoctor } from "./doctor.ts";

/** Nobody is reached: what is said of the settings needs nobody. */
const GOOD: Environment = {
  VAMBE_API_KEY: "key-of-this-test-0123456789",
  VAMBE_API_URL: "http://127.0.0.1:1",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
  VAMBE_IDENTITY_SECRET: "b7d1c09e5f3a48264c0e9d7f1a2b3c4d",
  VAMBE_ALLOWED_ORIGINS: "https://www.example.com",
  VAMBE_PUBLIC_URL: "https://id.example.com",
  VAMBE_DATABASE_URL: "memory:",
};

const TABLE: [what: string, change: Environment, mark: Mark, name: string, says: RegExp, remedy?: RegExp][] =
  [
    [
      "a secret that is too short",
      { VAMBE_IDENTITY_SECRET: "too-short-a-secret" },
      "✗",
      "VAMBE_IDENTITY_SECRET",
      /at least 32 bytes each: make one with `openssl rand -hex 32`/,
      /no exchange starts/,
    ],
    [
      "a secret that can be guessed",
      { VAMBE_IDENTITY_SECRET: "abcdefgh".repeat(4) },
      "!",
      "VAMBE_IDENTITY_SECRET",
      /can be guessed.*openssl rand -hex 32/,
    ],
    [
      "an origin with a path",
      { VAMBE_ALLOWED_ORIGINS: "https://www.example.com/shop" },
      "✗",
      "VAMBE_ALLOWED_ORIGINS",
      /scheme and host, no path/,
      /no exchange starts/,
    ],
    [
      "a public URL over http",
      { VAMBE_PUBLIC_URL: "http://id.example.com" },
      "✗",
      "VAMBE_PUBLIC_URL",
      /must be an https URL such as https:\/\/id\.example\.com/,
      /no exchange starts/,
    ],
    [
      "a database URL that is none",
      { VAMBE_DATABASE_URL: "postgres//user:Secretpassword-of-postgres@host/db" },
      "✗",
      "VAMBE_DATABASE_URL",
      /must be file:<path>, postgres:\/\//,
      /no exchange starts/,
    ],
    [
      "a name with a typing error",
      { VAMBE_WEBCHAT_SECRETS: "b7d1c09e5f3a48264c0e9d7f1a2b3c4e" },
      "!",
      "VAMBE_WEBCHAT_SECRETS",
      /has no effect: did you mean VAMBE_WEBCHAT_SECRET\?/,
    ],
    [
      "ids without proofs",
      { VAMBE_ALLOW_UNVERIFIED: "true" },
      "!",
      "VAMBE_ALLOW_UNVERIFIED",
      /any visitor can claim any id/,
    ],
    [
      "traits without proofs",
      { VAMBE_UNPROVEN_TRAITS: "apply" },
      "!",
      "VAMBE_UNPROVEN_TRAITS",
      /visitors can write what they like/,
    ],
    ["a database that forgets", {}, "!", "VAMBE_DATABASE_URL", /what is queued is lost at the next stop/],
    [
      "the chat without its secret",
      {},
      "!",
      "webchat",
      /VAMBE_WEBCHAT_SECRET is not set: the chat believes each id/,
      /Autenticar usuarios con JWT/,
    ],
  ];

describe("settings that are wrong, or worth a warning", () => {
  test.each(TABLE)("%s", async (_, change, mark, name, says, remedy) => {
    const { shows } = await runDoctor({ ...GOOD, ...change });
    shows(mark, name, says, remedy);
  });

  test("are all named at once, and what does not need them is looked at all the same", async () => {
    const { code, shows, lines } = await runDoctor({
      ...GOOD,
      VAMBE_ALLOWED_ORIGINS: "*",
      VAMBE_STAGE_ID: "the first",
      VAMBE_MAX_RATE: "many",
      PORT: "eighty",
      VAMBE_ALLOW_UNVERIFIED: "true",
    });
    expect(code).toBe(1);
    const wrong = lines.filter(({ remedy }) => /no exchange starts/.test(remedy)).map(({ name }) => name);
    expect(wrong.sort()).toEqual(["PORT", "VAMBE_ALLOWED_ORIGINS", "VAMBE_MAX_RATE", "VAMBE_STAGE_ID"]);
    shows("!", "VAMBE_ALLOW_UNVERIFIED", /any visitor can claim any id/);
    shows("✗", "reached", /^127\.0\.0\.1:1 /, /VAMBE_API_URL/);
    shows("–", "VAMBE_STAGE_ID", /is wrong: see the settings/);
    shows("–", "preflight", /needs VAMBE_ALLOWED_ORIGINS/);
  });
});

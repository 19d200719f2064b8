import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createExchange } from "../../../server/index.ts";
import { createLog } from "../../../server/log.ts";
import { readEnvironment } from "../../../server/settings/environment.ts";
import { freshSettings } from "../../support/world.ts";

const SECRET = "8f1c9a0b7d5e4c3f2a6b1d0e9f8c7b5a";
const GOOD = {
  VAMBE_API_KEY: "key-0123456789",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  VAMBE_IDENTITY_SECRET: SECRET,
  VAMBE_ALLOWED_ORIGINS: "https://shop.example.com",
};
const warningsOf = (more: Record<string, string>) => readEnvironment({ ...GOOD, ...more }).warnings;

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("one warning, with the remedy, and never a secret:", () => {
  const LONG_KEY = "vambe-key-7c1d9e3f5a2b8064-live-1";
  test.each([
    [
      "a key before that is still named",
      { VAMBE_API_KEY_PREVIOUS: "key-987654321" },
      /API_KEY_PREVIOUS.*still unlocks.*Take it out/,
    ],
    [
      "one letter 32 times",
      { VAMBE_IDENTITY_SECRET: "a".repeat(32) },
      /IDENTITY_SECRET.*guessed.*openssl rand/,
    ],
    [
      "few letters",
      { VAMBE_IDENTITY_SECRET: "abcabbcacbacbbabcacbabcbacbabcacbb" },
      /IDENTITY_SECRET.*guessed/,
    ],
    [
      "a word again and again",
      { VAMBE_IDENTITY_SECRET: "changeme-please-changeme-please-change" },
      /IDENTITY_SECRET.*guessed/,
    ],
    [
      "the digits twice",
      { VAMBE_IDENTITY_SECRET: "0123456789abcdef0123456789abcdef" },
      /IDENTITY_SECRET.*guessed/,
    ],
    [
      "the alphabet",
      { VAMBE_USER_HASH_SECRET: "abcdefghijklmnopqrstuvwxyz0123456789" },
      /USER_HASH_SECRET.*guessed/,
    ],
    [
      "the older of two",
      { VAMBE_IDENTITY_SECRET: `${SECRET},${"x".repeat(40)}` },
      /IDENTITY_SECRET.*guessed/,
    ],
    ["a weak one for the webchat", { VAMBE_WEBCHAT_SECRET: "1".repeat(32) }, /WEBCHAT_SECRET.*guessed/],
    [
      "the API key as secret",
      { VAMBE_API_KEY: LONG_KEY, VAMBE_IDENTITY_SECRET: LONG_KEY },
      /IDENTITY_SECRET has the API key.*openssl/,
    ],
    [
      "the API key as the webchat's",
      { VAMBE_API_KEY: LONG_KEY, VAMBE_WEBCHAT_SECRET: LONG_KEY },
      /WEBCHAT_SECRET has the API key/,
    ],
    [
      "a page over http",
      { VAMBE_ALLOWED_ORIGINS: "https://a.example.com,http://b.example.com,http://c.example.com" },
      /ALLOWED_ORIGINS.*https/,
    ],
    [
      "PostgreSQL without TLS",
      { VAMBE_DATABASE_URL: "postgres://u:Secretpassword@db.example.com/x" },
      /DATABASE_URL.*sslmode=verify-full/,
    ],
    [
      "PostgreSQL with any certificate",
      { VAMBE_DATABASE_URL: "postgres://u:Secretpassword@10.0.0.5/x?sslmode=no-verify" },
      /DATABASE_URL.*verify-full/,
    ],
    [
      "PostgreSQL whose host stands behind the ?",
      { VAMBE_DATABASE_URL: "postgres://u:Secretpassword@localhost/x?host=10.0.0.5&sslmode=disable" },
      /DATABASE_URL.*verify-full/,
    ],
  ])("%s", (_, more, words) => {
    const warnings = warningsOf(more);
    expect(warnings).toEqual([expect.stringMatching(words)]);
    for (const value of Object.values(more)) expect(warnings.join()).not.toContain(value);
    expect(warnings.join()).not.toContain("Secretpassword");
  });

  test("PGSSLMODE of the environment counts as it does for the connection", () => {
    const url = { VAMBE_DATABASE_URL: "postgres://u:p@db.example.com/x" };
    vi.stubEnv("PGSSLMODE", "verify-full");
    expect(warningsOf(url)).toEqual([]);
    vi.stubEnv("PGSSLMODE", "no-verify");
    expect(warningsOf(url).length).toBe(1);
  });
});

describe("no warning for", () => {
  test.each([
    [
      "pages on this machine",
      {
        VAMBE_ALLOWED_ORIGINS:
          "http://localhost:3000,http://127.0.0.1:8080,http://[::1]:1,http://app.localhost",
      },
    ],
    ["PostgreSQL on this machine", { VAMBE_DATABASE_URL: "postgres://u:p@localhost/x" }],
    ["PostgreSQL at its loopback address", { VAMBE_DATABASE_URL: "postgres://u:p@[::1]:5432/x" }],
    ["PostgreSQL by a socket", { VAMBE_DATABASE_URL: "postgres://u:p@%2Fvar%2Frun%2Fpostgresql/x" }],
    [
      "PostgreSQL with TLS that is checked",
      { VAMBE_DATABASE_URL: "postgres://u:p@db.example.com/x?sslmode=verify-full" },
    ],
    [
      "a passphrase that is long enough",
      { VAMBE_IDENTITY_SECRET: "an-old-secret-of-thirty-two-bytes-and-more" },
    ],
  ])("%s", (_, more) => {
    expect(warningsOf(more)).toEqual([]);
  });

  test("whatever chance makes, in hex, base64 or digits", () => {
    for (let made = 0; made < 500; made++) {
      const bytes = randomBytes(32);
      const digits = [...bytes].map((byte) => byte % 10).join("");
      for (const secret of [
        bytes.toString("hex"),
        bytes.toString("base64url"),
        bytes.toString("hex").slice(0, 32),
      ])
        expect(warningsOf({ VAMBE_IDENTITY_SECRET: secret })).toEqual([]);
      if (new Set(digits).size >= 8) expect(warningsOf({ VAMBE_IDENTITY_SECRET: digits })).toEqual([]);
    }
  });

  test("the README's own example", () => {
    const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    const block = /```sh\n(export VAMBE_API_KEY[\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const example = Object.fromEntries(
      [...block.matchAll(/^export (\w+)=(\S+)/gm)].map(([, name = "", value = ""]) => [name, value]),
    );
    expect(Object.keys(example)).toContain("VAMBE_PUBLIC_URL");
    const asShellMakesIt = {
      ...example,
      VAMBE_API_KEY: "key-0123456789",
      VAMBE_CHANNEL_ID: GOOD.VAMBE_CHANNEL_ID,
      VAMBE_IDENTITY_SECRET: randomBytes(32).toString("hex"),
    };
    expect(readEnvironment(asShellMakesIt).warnings).toEqual([]);
  });
});

test("an app that mounts the exchange is warned as well", async () => {
  const lines: string[] = [];
  const { options } = freshSettings();
  const settings = { ...options, allowedOrigins: ["http://shop.example.com"], databaseUrl: "memory:" };
  const exchange = createExchange(settings, { log: createLog((line) => lines.push(line)) });
  await exchange.ready;
  await exchange.close();
  expect(lines.filter((line) => /"level":"warn".*VAMBE_ALLOWED_ORIGINS/.test(line)).length).toBe(1);
});

test("a secret that is a pattern is found, whatever the pattern", () => {
  const piece = fc.string({
    minLength: 1,
    maxLength: 16,
    unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz-_0123"),
  });
  fc.assert(
    fc.property(piece, (text) => {
      const secret = text.repeat(Math.ceil(40 / text.length)).slice(0, 40);
      expect(warningsOf({ VAMBE_IDENTITY_SECRET: secret }).join()).toMatch(/guessed/);
    }),
    { numRuns: 200 },
  );
});

import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../../server/settings/environment.ts";
import { SettingsError } from "../../../server/settings/settings-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const GOOD = {
  VAMBE_API_KEY: "key-0123456789",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  VAMBE_IDENTITY_SECRET: "8f1c9a0b7d5e4c3f2a6b1d0e9f8c7b5a",
  VAMBE_ALLOWED_ORIGINS: "https://shop.example.com",
};

function mistakesIn(environment: Record<string, string | undefined>): { names: string[]; message: string } {
  try {
    readEnvironment(environment);
  } catch (error) {
    if (error instanceof SettingsError) {
      return { names: error.mistakes.map(({ setting }) => setting), message: error.message };
    }
    throw error;
  }
  return { names: [], message: "" };
}

describe("with the four required variables", () => {
  const { settings, listener, warnings } = readEnvironment(GOOD);

  test("everything else has the default that docs/reference/settings.md promises", () => {
    expect(settings).toMatchObject({
      apiKey: GOOD.VAMBE_API_KEY,
      apiUrl: "https://api.vambe.me",
      channelId: GOOD.VAMBE_CHANNEL_ID,
      identitySecrets: [GOOD.VAMBE_IDENTITY_SECRET],
      allowUnverified: false,
      unprovenTraits: "ignore",
      allowedOrigins: ["https://shop.example.com"],
      publicUrl: "http://localhost:8787",
      fields: { plan: "plan" },
      source: "vambe-identity",
      databaseUrl: "file:vambe-identity.db",
      maxRate: 5,
    });
    expect(listener).toEqual({ host: "0.0.0.0", port: 8787, adminHost: "127.0.0.1" });
    expect(warnings).toEqual([]);
  });
});

describe("reading", () => {
  const read = (more: Record<string, string>) => readEnvironment({ ...GOOD, ...more }).settings;

  test("lists are split at commas and trimmed", () => {
    const second = "fedcba9876543210fedcba9876543210";
    expect(
      read({
        VAMBE_ALLOWED_ORIGINS: " https://a.example.com ,https://b.example.com:8443/, ",
        VAMBE_IDENTITY_SECRET: `${GOOD.VAMBE_IDENTITY_SECRET}, ${second}`,
      }),
    ).toMatchObject({
      allowedOrigins: ["https://a.example.com", "https://b.example.com:8443"],
      identitySecrets: [GOOD.VAMBE_IDENTITY_SECRET, second],
    });
  });

  test("VAMBE_FIELDS maps a trait to a key, by default to the same", () => {
    expect(read({ VAMBE_FIELDS: "plan, account_id:account ,año" }).fields).toEqual({
      plan: "plan",
      account_id: "account",
      año: "año",
    });
  });

  test.each([
    ["true", true],
    ["TRUE", true],
    ["false", false],
  ])("VAMBE_ALLOW_UNVERIFIED=%s", (text, value) => {
    expect(read({ VAMBE_ALLOW_UNVERIFIED: text }).allowUnverified).toBe(value);
  });

  test("an empty variable counts as not set", () => {
    expect(read({ VAMBE_API_URL: "", VAMBE_SOURCE: "  ", VAMBE_MAX_RATE: "" })).toMatchObject({
      apiUrl: "https://api.vambe.me",
      source: "vambe-identity",
      maxRate: 5,
    });
  });

  test("the public URL follows the listener", () => {
    const at = (more: Record<string, string>) => readEnvironment({ ...GOOD, ...more }).settings.publicUrl;
    expect(at({ PORT: "9000" })).toBe("http://localhost:9000");
    expect(at({ HOST: "127.0.0.1" })).toBe("http://127.0.0.1:8787");
    expect(at({ HOST: "::1", PORT: "1" })).toBe("http://[::1]:1");
    expect(at({ VAMBE_PUBLIC_URL: "https://id.example.com/vambe/" })).toBe("https://id.example.com/vambe");
  });
});

describe("mistakes", () => {
  test("an empty environment is told of all that is required, at once", () => {
    expect(mistakesIn({}).names.sort()).toEqual(Object.keys(GOOD).sort());
  });

  const WRONG: [string, string][] = [
    ["VAMBE_API_KEY", "two words"],
    ["VAMBE_CHANNEL_ID", "webchat"],
    ["VAMBE_CHANNEL_ID", "a1b2c3d4-e5f6-9890-abcd-ef1234567890"],
    ["VAMBE_API_URL", "http://api.vambe.me"],
    ["VAMBE_API_URL", "api.vambe.me"],
    ["VAMBE_API_URL", "https://user:password@api.vambe.me"],
    ["VAMBE_IDENTITY_SECRET", "short"],
    ["VAMBE_IDENTITY_SECRET", `${GOOD.VAMBE_IDENTITY_SECRET},short`],
    ["VAMBE_ALLOW_UNVERIFIED", "yes"],
    ["VAMBE_UNPROVEN_TRAITS", "maybe"],
    ["VAMBE_MAX_RATE", "fast"],
    ["VAMBE_MAX_RATE", "0"],
    ["VAMBE_MAX_RATE", "-5"],
    ["VAMBE_MAX_RATE", "Infinity"],
    ["VAMBE_ALLOWED_ORIGINS", "*"],
    ["VAMBE_ALLOWED_ORIGINS", "null"],
    ["VAMBE_ALLOWED_ORIGINS", "shop.example.com"],
    ["VAMBE_ALLOWED_ORIGINS", "https://shop.example.com/account"],
    ["VAMBE_ALLOWED_ORIGINS", "https://shop.example.com,ftp://shop.example.com"],
    ["VAMBE_PUBLIC_URL", "http://id.example.com"],
    ["VAMBE_FIELDS", "plan:"],
    ["VAMBE_FIELDS", "plan:tier:level"],
    ["VAMBE_FIELDS", "plan:tier,level:tier"],
    ["VAMBE_STAGE_ID", "first"],
    ["VAMBE_AGENT_ID", "me"],
    ["VAMBE_SOURCE", "x".repeat(256)],
    ["VAMBE_DATABASE_URL", "mysql://localhost/x"],
    ["VAMBE_DATABASE_URL", "file:"],
    ["VAMBE_DATABASE_URL", "postgres://"],
    ["VAMBE_DATABASE_URL", "postgres://user:pass/word@host/db"],
    ["VAMBE_DATABASE_URL", "postgres://user:pass#word@host/db"],
    ["VAMBE_OIDC_JWKS_URL", "https://keys.example.com/jwks"],
    ["VAMBE_OIDC_ID_CLAIM", "oid"],
    ["VAMBE_OIDC_TRUST_EMAIL", "true"],
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", "0"],
    ["PORT", "-1"],
    ["PORT", "80.5"],
  ];

  test.each(WRONG)("%s=%s is refused by name, and nothing else is", (name, value) => {
    const { names, message } = mistakesIn({ ...GOOD, [name]: value });
    expect([...new Set(names)]).toEqual([name]);
    expect(message).toContain(name);
  });

  test("all of them are reported together", () => {
    const all = Object.fromEntries(WRONG);
    expect([...new Set(mistakesIn({ ...GOOD, ...all }).names)].sort()).toEqual(Object.keys(all).sort());
  });

  test("no value ever stands in the message, be it a secret or not", () => {
    const value = fc
      .string({ minLength: 6, maxLength: 60, unit: "grapheme-ascii" })
      .filter((text) => text.trim() === text && !mistakesIn({}).message.includes(text))
      .map((text) => `${text}\u0007§`);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...WRONG.map(([name]) => name)), value), (environment) => {
        const { message } = mistakesIn({ ...GOOD, ...environment });
        for (const secret of Object.values(environment)) {
          for (const piece of secret.split(",")) if (piece.length > 5) expect(message).not.toContain(piece);
        }
        expect(message).not.toContain("§");
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["VAMBE_APIKEY", "VAMBE_API_KEY"],
    ["VAMBE_CHANEL_ID", "VAMBE_CHANNEL_ID"],
    ["VAMBE_ALLOWED_ORIGIN", "VAMBE_ALLOWED_ORIGINS"],
  ])("a required variable under the mistyped name %s is pointed out", (typo, name) => {
    const { [name as keyof typeof GOOD]: value, ...rest } = GOOD;
    const { message } = mistakesIn({ ...rest, [typo]: value });
    expect(message).toMatch(new RegExp(`${name} is required.*${typo} is set`));
    expect(message).not.toContain(value);
  });
});

describe("secrets in files", () => {
  test("are read from the path that …_FILE names, without the newline at the end", () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file("key"), "key-from-file\n");
    writeFileSync(folder.file("secret"), `${"a".repeat(32)},\n${"b".repeat(32)}\n`);
    const { settings } = readEnvironment({
      ...GOOD,
      VAMBE_API_KEY: undefined,
      VAMBE_IDENTITY_SECRET: undefined,
      VAMBE_API_KEY_FILE: folder.file("key"),
      VAMBE_IDENTITY_SECRET_FILE: folder.file("secret"),
    });
    expect(settings.apiKey).toBe("key-from-file");
    expect(settings.identitySecrets).toEqual(["a".repeat(32), "b".repeat(32)]);
  });

  test("a file that is not there is the one mistake that is reported", () => {
    const { names, message } = mistakesIn({
      ...GOOD,
      VAMBE_API_KEY: undefined,
      VAMBE_API_KEY_FILE: "/nowhere/at-all",
    });
    expect(names).toEqual(["VAMBE_API_KEY_FILE"]);
    expect(message).not.toContain("/nowhere");
  });

  test("both the variable and the file is a mistake: which one counts would be a guess", () => {
    expect(mistakesIn({ ...GOOD, VAMBE_API_KEY_FILE: "/etc/hostname" }).names).toEqual([
      "VAMBE_API_KEY_FILE",
    ]);
  });
});

describe("warnings", () => {
  const warningsOf = (more: Record<string, string>) => readEnvironment({ ...GOOD, ...more }).warnings;

  test("name unknown VAMBE_ variables, with what was probably meant, and never their values", () => {
    const [warning, ...rest] = warningsOf({ VAMBE_SORCE: "my-own-value", PATH: "/bin", OTHER: "x" });
    expect(rest).toEqual([]);
    expect(warning).toContain("VAMBE_SORCE");
    expect(warning).toContain("VAMBE_SOURCE?");
    expect(warning).not.toContain("my-own-value");
  });

  test.each([
    [{ VAMBE_ALLOW_UNVERIFIED: "true" }, "VAMBE_ALLOW_UNVERIFIED"],
    [{ VAMBE_UNPROVEN_TRAITS: "apply" }, "VAMBE_UNPROVEN_TRAITS"],
    [{ VAMBE_DATABASE_URL: "memory:" }, "VAMBE_DATABASE_URL"],
  ])("speak of the risky choice %o", (more, name) => {
    expect(warningsOf(more as Record<string, string>).join()).toContain(name);
  });
});

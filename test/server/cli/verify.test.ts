import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { startIssuer } from "../../support/issuer.ts";
import { inSeconds, signJwt, signProof } from "../../support/proofs.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SECRET = "3f".repeat(32);
const OLDER = "older-secret-0123456789abcdef-02";

async function verify(
  args: string[],
  environment: Record<string, string> = { VAMBE_IDENTITY_SECRET: SECRET },
  input = "",
) {
  const child = spawn(process.execPath, ["server/cli/main.ts", "verify", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  child.stdin.end(input);
  const [code] = await once(child, "close");
  const text = said.join("");
  for (const secret of [SECRET, OLDER]) expect(text).not.toContain(secret);
  return { code, text };
}

const claims = (changes = {}) => ({ sub: "u1", aud: "vambe-identity", exp: inSeconds(300), ...changes });

describe.concurrent("vambe-identity verify", () => {
  test("accepts what the exchange accepts, and says what each claim is", async () => {
    const proof = signProof(SECRET, "user-1", { name: "Jane Doe", plan: "premium", fields: { seats: "3" } });
    const { code, text } = await verify([proof]);
    expect(code).toBe(0);
    expect(text).toMatch(/^✓ accepted: the exchange takes it as a proof of "user-1"$/m);
    for (const line of [
      /✓ +sub +user-1/,
      /✓ +name +"Jane Doe"/,
      /✓ +seats +"3"/,
      /✓ +signature +verifies with the secret/,
    ])
      expect(text).toMatch(line);
  });

  test("reads standard input, so that no shell keeps the proof", async () => {
    const { code } = await verify(["-"], undefined, `${signProof(SECRET, "user-1")}\n`);
    expect(code).toBe(0);
  });

  test("says which secret of the list it was", async () => {
    const { text } = await verify([signProof(OLDER, "user-1")], {
      VAMBE_IDENTITY_SECRET: `${SECRET},${OLDER}`,
    });
    expect(text).toContain("verifies with secret 2 of 2");
  });

  test.each([
    [
      "the decoded secret",
      signJwt(claims(), Buffer.from(SECRET, "hex")),
      "signature",
      "the secret decoded from hex",
    ],
    ["a line break behind it", signJwt(claims(), `${SECRET}\n`), "signature", "a line break behind it"],
    ["another audience", signJwt(claims({ aud: "api" }), SECRET), "aud", 'must be "vambe-identity"'],
    [
      "a clock that is behind",
      signJwt(claims({ exp: inSeconds(-500) }), SECRET),
      "exp",
      /passed \d+ seconds ago/,
    ],
    [
      "a clock that is ahead",
      signJwt(claims({ iat: inSeconds(200) }), SECRET),
      "iat",
      /seconds ahead of .* clock/,
    ],
    ["milliseconds", signJwt(claims({ exp: Date.now() + 300_000 }), SECRET), "exp", "divide it by 1000"],
    ["nobody", signJwt(claims({ sub: "undefined" }), SECRET), "sub", "stands for nobody"],
  ])("names the one thing that stands in its way: %s", async (_, proof, part, detail) => {
    const { code, text } = await verify([proof]);
    expect(code).toBe(1);
    expect(text).toMatch(/^✗ refused: proof-/m);
    expect(text).toMatch(new RegExp(`^✗ +${part} `, "m"));
    expect(text).toMatch(detail);
    expect(text).toMatch(new RegExp(`^${part} alone stands in its way\\.$`, "m"));
  });

  test("names all of them, where there are several", async () => {
    const { text } = await verify([signJwt(claims({ aud: "api", exp: inSeconds(-500) }), "x".repeat(40))]);
    expect(text).toMatch(/^3 parts stand in its way\.$/m);
  });

  test("judges an issuer's ID token by its keys", async () => {
    await using issuer = await startIssuer();
    const environment = { VAMBE_OIDC_ISSUER: issuer.url, VAMBE_OIDC_AUDIENCE: "shop" };
    const good = await verify([await issuer.sign({ sub: "user-9", aud: "shop" })], environment);
    expect([good.code, good.text]).toEqual([0, expect.stringContaining('"user-9"')]);
    const other = await verify([await issuer.sign({ sub: "user-9", aud: "other" })], environment);
    expect([other.code, other.text]).toEqual([1, expect.stringContaining("proof-audience")]);
  });

  test.each([
    [[], 2, "one proof is needed"],
    [["a", "b"], 2, "one proof is needed"],
    [["not-a-jwt"], 1, "proof-malformed"],
    [["--help"], 0, "claim by claim"],
  ])("%j ends with %i", async (args, code, words) => {
    expect(await verify(args)).toEqual({ code, text: expect.stringContaining(words) });
  });

  test("lets no proof command the terminal", async () => {
    const odd = claims({ name: "\u001b[2J", fields: { "\u001b[31mred": "\u0007" } });
    const { text } = await verify([signJwt(odd, SECRET, { kid: "\u001b[2J" })]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test("says what it needs where nothing is set", async () => {
    const { code, text } = await verify(["a.b.c"], {});
    expect([code, text]).toEqual([1, expect.stringContaining("VAMBE_IDENTITY_SECRET is required")]);
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { proveByJwt } from "../../../server/proof/jwt.ts";
import type { Environment } from "../../support/exchange-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SECRET = "first-secret-0123456789abcdef-01";
const OLDER = "older-secret-0123456789abcdef-02";
const request = new Request("https://id.example.com/identify", { method: "POST" });

async function run(args: string[], environment: Environment = { VAMBE_IDENTITY_SECRET: SECRET }) {
  const child = spawn(process.execPath, ["server/cli/main.ts", "sign", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const [code] = await once(child, "close");
  expect(err).not.toMatch(/^\s+at /m);
  for (const secret of [SECRET, OLDER]) expect(out + err).not.toContain(secret);
  return { code, out, err };
}

describe.concurrent("vambe-identity sign", () => {
  test("prints the proof and nothing else, and the exchange accepts it", async () => {
    const traits = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };
    const { code, out, err } = await run([
      ...["--id", "user-1", "--name", traits.name, "--email", traits.email, "--plan", traits.plan],
      ...["--field", "seats=12", "--field", "note=a=b", "--expires-in", "60"],
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const proof = out.trim();
    const evidence = { user: { id: "user-1" }, request, proof };
    expect(await proveByJwt([SECRET])(evidence)).toMatchObject({
      id: "user-1",
      traits: { ...traits, fields: { seats: "12", note: "a=b" } },
    });
    const { iat, exp } = decodeJwt(proof);
    expect(Number(exp) - Number(iat)).toBe(60);
  });

  test("signs with the first secret of the list: the newest", async () => {
    const { out } = await run(["--id", "u1"], { VAMBE_IDENTITY_SECRET: ` ${SECRET} , ${OLDER}` });
    const proof = out.trim();
    expect(await proveByJwt([SECRET])({ user: { id: "u1" }, request, proof })).toMatchObject({ id: "u1" });
  });

  test("reads the secret from a file as well", async () => {
    using folder = temporaryFolder();
    const file = folder.file("secret");
    writeFileSync(file, `${SECRET}\n`);
    const { out } = await run(["--id", "u1"], { VAMBE_IDENTITY_SECRET_FILE: file });
    const proof = out.trim();
    expect(await proveByJwt([SECRET])({ user: { id: "u1" }, request, proof })).toMatchObject({ id: "u1" });
  });

  test("explains itself", async () => {
    const { code, out } = await run(["--help"], {});
    expect(code).toBe(0);
    expect(out).toMatch(/--id[\s\S]*--field[\s\S]*--expires-in[\s\S]*VAMBE_IDENTITY_SECRET_FILE/);
  });

  test.each([
    ["no id", [], /--id is required/],
    ["an empty id", ["--id", ""], /id is required/],
    ["an option that does not exist", ["--id", "u1", "--nmae", "Jane"], /Unknown option '--nmae'/],
    ["an id without its option", ["u1"], /Unexpected argument 'u1'/],
    ["a field without a value", ["--id", "u1", "--field", "seats"], /--field must be given as key=value/],
    ["a field twice", ["--id", "u1", "--field", "a=1", "--field", "a=2"], /--field a is given twice/],
    ["a life in words", ["--id", "u1", "--expires-in", "10m"], /--expires-in must be a whole number/],
    ["a life too long", ["--id", "u1", "--expires-in", "7200"], /--expires-in must be .* from 1 to 3600/],
  ])("refuses %s", async (_, args, words) => {
    const { code, out, err } = await run(args);
    expect(err).toMatch(words);
    expect(err).toContain("sign --help");
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  test.each([
    ["no secret", {}, /VAMBE_IDENTITY_SECRET is required/],
    ["a mistyped one", { VAMBE_IDENTITY_SECRT: SECRET }, /VAMBE_IDENTITY_SECRT is set: is it a typing error/],
    ["a short one", { VAMBE_IDENTITY_SECRET: "short" }, /VAMBE_IDENTITY_SECRET must be at least 32 bytes/],
    [
      "a file that is not there",
      { VAMBE_IDENTITY_SECRET_FILE: "/nowhere" },
      /_FILE names a file that cannot be read/,
    ],
    ["both", { VAMBE_IDENTITY_SECRET: SECRET, VAMBE_IDENTITY_SECRET_FILE: "/nowhere" }, /are both set/],
  ])("cannot sign with %s", async (_, environment: Environment, words) => {
    const { code, out, err } = await run(["--id", "u1"], environment);
    expect(err).toMatch(words);
    expect({ code, out }).toEqual({ code: 1, out: "" });
  });
});

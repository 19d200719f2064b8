import jwt from "jsonwebtoken";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { signForWebchat } from "../../../server/vambe/webchat-token.ts";

const SECRET = "a-secret-of-the-channel-0123456789abcdef";
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const verified = (token: string, secret = SECRET) => jwt.verify(token, secret, { algorithms: ["HS256"] });

describe("the webchat's token", () => {
  test.each(["sub", "userId", "https://example.com/user.id"])("has the id in the claim %s", async (claim) => {
    const sign = signForWebchat(SECRET, claim);
    const { token, expiresAt } = await sign({ id: "user-1", name: "Ada Lovelace" });
    const iat = NOW / 1000;
    expect(verified(token)).toEqual({ [claim]: "user-1", name: "Ada Lovelace", iat, exp: iat + 3600 });
    expect(expiresAt).toBe(iat + 3600);
    expect(jwt.decode(token, { complete: true })?.header).toEqual({ alg: "HS256", typ: "JWT" });
  });

  test("has no name where none is proven", async () => {
    const { token } = await signForWebchat(SECRET, "sub")({ id: "user-1", name: undefined });
    expect(verified(token)).not.toHaveProperty("name");
  });

  test("verifies under its own secret alone, not without a signature, and not altered", async () => {
    const { token } = await signForWebchat(SECRET, "sub")({ id: "user-1", name: undefined });
    const [header = "", payload = "", signature = ""] = token.split(".");
    const other = Buffer.from(JSON.stringify({ ...Object(verified(token)), sub: "user-2" })).toString(
      "base64url",
    );
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    expect(() => verified(token, `${SECRET}x`)).toThrow("invalid signature");
    expect(() => verified(`${header}.${other}.${signature}`)).toThrow("invalid signature");
    expect(() => verified(`${none}.${payload}.`)).toThrow();
  });

  test("is the same until half of its life is over, then a new one, and an old one expires", async () => {
    const sign = signForWebchat(SECRET, "sub");
    const subject = { id: "user-1", name: "Ada" };
    const first = await sign(subject);
    vi.setSystemTime(NOW + 29 * MINUTE);
    expect(await sign(subject)).toEqual(first);
    vi.setSystemTime(NOW + 31 * MINUTE);
    const second = await sign(subject);
    expect(second.token).not.toBe(first.token);
    vi.setSystemTime(NOW + 61 * MINUTE);
    expect(() => verified(first.token)).toThrow("jwt expired");
    expect(verified(second.token)).toMatchObject({ sub: "user-1" });
  });

  test("is never handed to another user, nor to one of another name", async () => {
    const sign = signForWebchat(SECRET, "sub");
    const subjects = [
      { id: "user-1", name: "Ada" },
      { id: "user-2", name: "Ada" },
      { id: "user-1", name: "Eve" },
      { id: "user-1", name: undefined },
    ];
    const tokens = await Promise.all(subjects.map(async (subject) => (await sign(subject)).token));
    expect(new Set(tokens).size).toBe(subjects.length);
    expect(tokens.map((token) => Object(verified(token)).sub)).toEqual(subjects.map(({ id }) => id));
  });
});

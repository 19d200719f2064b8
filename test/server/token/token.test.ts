import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keyringOf } from "../../../server/token/keyring.ts";
import { makeKeyJwk, signingKeyOf } from "../../../server/token/signing-key.ts";
import { TokenSigner } from "../../../server/token/token.ts";

const subject = { id: "u1", verified: true, channelId: "c", audience: "https://shop.example.com" };
const MINUTE = 60_000;

let signer: TokenSigner;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-03-01T12:00:00Z") });
  signer = new TokenSigner(keyringOf(await signingKeyOf(await makeKeyJwk())), "https://id.example.com");
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a token", () => {
  test("says who it is of and for whom, and nothing else of him", async () => {
    const own = decodeJwt((await signer.sign(subject)).token);
    const names = ["aud", "channel_id", "exp", "iat", "iss", "jti", "sub", "verified"];
    expect(Object.keys(own).sort()).toEqual(names);
    const acted = decodeJwt((await signer.sign({ ...subject, actor: { id: "support" } })).token);
    expect(Object.keys(acted).sort()).toEqual(["act", ...names]);
  });

  test("is handed out again until half of its life is over, and then it is a new one", async () => {
    const first = await signer.sign(subject);
    vi.setSystemTime(Date.now() + 7 * MINUTE);
    expect(await signer.sign(subject)).toEqual(first);
    vi.setSystemTime(Date.now() + MINUTE);
    const second = await signer.sign(subject);
    expect(second.token).not.toBe(first.token);
    expect(second.expiresAt - Date.now() / 1000).toBe(15 * 60);
  });

  test("is a new one after the clock was put back: the old one would live too long", async () => {
    const first = await signer.sign(subject);
    vi.setSystemTime(Date.now() - 60 * MINUTE);
    const second = await signer.sign(subject);
    expect(second.token).not.toBe(first.token);
    expect(second.expiresAt - Date.now() / 1000).toBe(15 * 60);
  });

  test("is never handed to another user, another page, or in place of one with another standing", async () => {
    const others = [
      subject,
      { ...subject, id: "u2" },
      { ...subject, audience: "https://blog.example.com" },
      { ...subject, verified: false },
    ];
    const tokens = await Promise.all(others.map((other) => signer.sign(other)));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(others.length);
    for (const [index, other] of others.entries()) {
      const { payload } = await jwtVerify(
        tokens[index]?.token ?? "",
        createLocalJWKSet(await signer.jwks()),
        {
          audience: other.audience,
          subject: other.id,
          currentDate: new Date(),
        },
      );
      expect(payload.verified).toBe(other.verified);
    }
  });

  test("is still right when 20,000 others have come in between", { timeout: 120_000 }, async () => {
    const ids = Array.from({ length: 20_000 }, (_, number) => `u${number}`);
    for (let first = 0; first < ids.length; first += 500) {
      await Promise.all(ids.slice(first, first + 500).map((id) => signer.sign({ ...subject, id })));
    }
    const { token } = await signer.sign({ ...subject, id: "u0" });
    expect(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sub).toBe("u0");
  });
});

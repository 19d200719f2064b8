import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLog } from "../../../server/log.ts";
import { isSigning, readKeys, retireKey, rotateKeys } from "../../../server/token/kept-keys.ts";
import { openKeyring } from "../../../server/token/keyring.ts";
import { TokenSigner } from "../../../server/token/token.ts";
import { sharedSecrets } from "./interleaved-ledger.ts";

const subject = { id: "u1", verified: true, channelId: "c", audience: "https://shop.example.com" };
const START = Date.parse("2026-03-01T12:00:00Z");
const SECOND = 1000;

let ledger: ReturnType<typeof sharedSecrets>;
let signer: TokenSigner;
let logged: string[];
let reads = 0;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  reads = 0;
  logged = [];
  ledger = sharedSecrets(async (call) => {
    if (call === "read") reads++;
  });
  const log = createLog((line) => logged.push(line));
  signer = new TokenSigner(await openKeyring(ledger, log), "https://id.example.com");
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const signingKid = async () => (await readKeys(ledger)).find(isSigning)?.kid ?? "";
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const holds = async (token: string) =>
  jwtVerify(token, createLocalJWKSet(await signer.jwks()), { currentDate: new Date() }).then(
    () => true,
    () => false,
  );

describe("a rotation by another process", () => {
  test("is noticed within 30 seconds, and what was signed before holds until it expires", async () => {
    const before = await signer.sign(subject);
    await rotateKeys(ledger, Date.now());
    later(30 * SECOND);
    const after = await signer.sign(subject);
    expect(kidOf(after.token)).toBe(await signingKid());
    expect(kidOf(after.token)).not.toBe(kidOf(before.token));
    const changes = logged.map((line) => JSON.parse(line)).filter(({ kid }) => kid === kidOf(after.token));
    expect(changes).toMatchObject([{ level: "info", event: expect.stringMatching(/another signing key/) }]);
    later(14 * 60 * SECOND);
    expect(await holds(before.token)).toBe(true);
    expect(await holds(after.token)).toBe(true);
  });

  test("even a token signed by this one just before it noticed holds for all of its life", async () => {
    await rotateKeys(ledger, Date.now());
    later(29.999 * SECOND);
    const last = await signer.sign({ ...subject, id: "late" });
    expect(kidOf(last.token)).not.toBe(await signingKid());
    vi.setSystemTime(last.expiresAt * 1000 - 1);
    expect(await holds(last.token)).toBe(true);
  });

  test("makes the old key disappear by itself", async () => {
    await rotateKeys(ledger, Date.now());
    later(SECOND);
    expect((await signer.jwks()).keys.length).toBe(2);
    later(17 * 60 * SECOND);
    expect((await signer.jwks()).keys.map(({ kid }) => kid)).toEqual([await signingKid()]);
  });

  test("is in the JWKS a second later: who has met the new key asks for it", async () => {
    await signer.jwks();
    await rotateKeys(ledger, Date.now());
    later(SECOND);
    expect((await signer.jwks()).keys.map(({ kid }) => kid)).toContain(await signingKid());
  });
});

describe("a token of a key that was just made", () => {
  /** Another instance, whose JWKS was asked for a moment before the rotation, and is so again at once. */
  const otherInstance = async () => {
    const other = await openKeyring(
      ledger,
      createLog(() => {}),
    );
    await other.published();
    return { kids: async () => (await other.published()).map(({ kid }) => kid) };
  };

  test("holds at once at each instance, whoever signed it and whoever is asked for the keys", async () => {
    later(29.5 * SECOND);
    const other = await otherInstance();
    await rotateKeys(ledger, Date.now());
    for (let step = 0; step < 100; step++) {
      later(SECOND / 10);
      const { token } = await signer.sign({ ...subject, id: `${step}` });
      expect(await other.kids(), `${step}`).toContain(kidOf(token));
    }
    expect(kidOf((await signer.sign(subject)).token)).toBe(await signingKid());
  });

  test("comes at once where the one before was taken out", async () => {
    later(29.5 * SECOND);
    await retireKey(ledger, await signingKid(), Date.now());
    later(SECOND / 2);
    expect(kidOf((await signer.sign(subject)).token)).toBe(await signingKid());
  });
});

describe("a key that another process has retired", () => {
  test("leaves the JWKS, and its tokens are not handed out again", async () => {
    const leaked = await signer.sign(subject);
    await retireKey(ledger, kidOf(leaked.token) ?? "", Date.now());
    later(30 * SECOND);
    const fresh = await signer.sign(subject);
    expect(fresh.token).not.toBe(leaked.token);
    expect(await holds(leaked.token)).toBe(false);
    expect(await holds(fresh.token)).toBe(true);
    expect((await signer.sign(subject)).token).toBe(fresh.token);
  });

  test("signs nothing more once that is known, not even for those who come at the same moment", async () => {
    const leaked = await signingKid();
    await retireKey(ledger, leaked, Date.now());
    later(30 * SECOND);
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, id) => signer.sign({ ...subject, id: `${id}` })),
    );
    expect(tokens.map(({ token }) => kidOf(token))).not.toContain(leaked);
  });
});

describe("reading the ledger", () => {
  test("happens once for 1000 tokens, and for 1000 who ask for the JWKS at once", async () => {
    reads = 0;
    for (let number = 0; number < 1000; number++) await signer.sign(subject);
    expect(reads).toBe(0);
    later(30 * SECOND);
    await Promise.all(Array.from({ length: 1000 }, () => signer.sign(subject)));
    expect(reads).toBe(1);
    later(SECOND);
    await Promise.all(Array.from({ length: 1000 }, () => signer.jwks()));
    for (let number = 0; number < 100; number++) await signer.jwks();
    expect(reads).toBe(2);
  });

  test("that fails leaves the keys as they were, says so, and is tried again", async () => {
    const { readSecret } = ledger;
    const { token } = await signer.sign(subject);
    await rotateKeys(ledger, Date.now());
    ledger.readSecret = () => Promise.reject(new Error("no connection"));
    later(30 * SECOND);
    expect((await signer.sign(subject)).token).toBe(token);
    expect((await signer.jwks()).keys.length).toBe(1);
    expect(logged.length).toBe(1);
    ledger.readSecret = readSecret;
    later(30 * SECOND);
    expect(kidOf((await signer.sign(subject)).token)).toBe(await signingKid());
  });

  test("happens at once after the clock was put back", async () => {
    await rotateKeys(ledger, Date.now());
    later(-3600 * SECOND);
    expect(kidOf((await signer.sign(subject)).token)).toBe(await signingKid());
  });
});

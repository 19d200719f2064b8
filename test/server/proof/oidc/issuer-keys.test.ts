import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import { Problem } from "../../../../server/problems.ts";
import { IssuerKeys } from "../../../../server/proof/oidc/issuer-keys.ts";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { refusalIn } from "../../../support/refusal.ts";
import { hang, reply } from "../../../support/upstream.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let issuer: RunningIssuer;
let keys: IssuerKeys;
let now = 7 * HOUR;
let lines: string[] = [];
const pass = (ms: number) => {
  now += ms;
};

beforeEach(async () => {
  issuer = await startIssuer({ alg: "ES256" });
  lines = [];
  keys = new IssuerKeys({ url: issuer.url }, { log: createLog((line) => lines.push(line)), now: () => now });
});
afterEach(() => issuer[Symbol.asyncDispose]());

/** Looks for the issuer's present key, or for another, and says what came of it. */
async function look(kid?: string): Promise<string> {
  const { jwk } = await issuer.publicKey();
  try {
    const found = await keys.keysFor({ alg: "ES256", kid: kid ?? String(jwk.kid) });
    return found.name === issuer.iss && found.keys.length === 1 ? "found" : "something else";
  } catch (error) {
    const slug = refusalIn(error);
    const retry = error instanceof Problem ? error.headers["retry-after"] : undefined;
    return retry === undefined ? slug : `${slug} ${retry}`;
  }
}
const lookForStrangers = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => look(`stranger-${n}-${now}`)));

describe("keys that the issuer has", () => {
  test("are fetched once, however many proofs come at the same moment", async () => {
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => look())))).toEqual(new Set(["found"]));
    expect([issuer.asked("discovery"), issuer.asked()]).toEqual([1, 1]);
  });

  test("are fresh for ten minutes, and then fetched again", async () => {
    await look();
    pass(10 * MINUTE - 1);
    await look();
    expect(issuer.asked()).toBe(1);
    pass(1);
    await look();
    expect(issuer.asked()).toBe(2);
  });

  test("that have been taken back serve no more after that", async () => {
    const { jwk } = await issuer.publicKey();
    await look();
    await issuer.rotate();
    pass(10 * MINUTE);
    expect(await look(String(jwk.kid))).toBe("proof-signature");
  });

  test("that are new are found at once, however many proofs come at the same moment", async () => {
    await look();
    await issuer.rotate();
    expect(await Promise.all([look(), look(), look()])).toEqual(Array(3).fill("found"));
    expect(issuer.asked()).toBe(2);
  });
});

describe("keys that the issuer does not have", () => {
  test("are looked for once in 30 seconds, however many proofs name them", async () => {
    await look();
    expect(new Set(await lookForStrangers(100))).toEqual(new Set(["proof-signature"]));
    expect(issuer.asked()).toBe(2);
    pass(29 * SECOND);
    await lookForStrangers(100);
    expect(issuer.asked()).toBe(2);
    pass(SECOND);
    await lookForStrangers(100);
    expect(issuer.asked()).toBe(3);
  });

  test("are looked for once also by those who come the moment that it may be asked again", async () => {
    await look();
    issuer.misbehave(reply(503));
    await lookForStrangers(10);
    issuer.misbehave();
    pass(30 * SECOND);
    await lookForStrangers(10);
    const asked = issuer.asked();
    pass(SECOND);
    await lookForStrangers(10);
    expect(issuer.asked()).toBe(asked);
  });

  test("do not stand in the way of those that it has", async () => {
    await look();
    await lookForStrangers(10);
    expect(await look()).toBe("found");
  });
});

describe("while the issuer cannot be asked", () => {
  test("nobody is believed who was not before, and it is left in peace for 30 seconds", async () => {
    issuer.misbehave(reply(500));
    expect(await Promise.all([look(), look(), look()])).toEqual(Array(3).fill("issuer-unavailable 30"));
    pass(20 * SECOND);
    expect(await look()).toBe("issuer-unavailable 10");
    expect(await look("stranger")).toBe("issuer-unavailable 10");
    expect(issuer.asked()).toBe(1);
    pass(10 * SECOND);
    expect(await look()).toBe("issuer-unavailable 30");
    expect(issuer.asked()).toBe(2);
    issuer.misbehave();
    pass(30 * SECOND);
    expect(await look()).toBe("found");
  });

  test("the keys that are known serve for 24 hours", async () => {
    await look();
    issuer.misbehave(reply(503));
    pass(HOUR);
    expect(await look()).toBe("found");
    pass(23 * HOUR - 1);
    expect(await look()).toBe("found");
    pass(1);
    expect(await look()).toMatch(/^issuer-unavailable/);
  });

  test("a key that is not known may be a new one: the page is told to come back", async () => {
    await look();
    issuer.misbehave(reply(503));
    await issuer.rotate();
    expect(await look()).toBe("issuer-unavailable 30");
    pass(20 * SECOND);
    expect(await look()).toBe("issuer-unavailable 10");
    issuer.misbehave();
    pass(10 * SECOND);
    expect(await look()).toBe("found");
  });

  test("a slow fetch is shared, and given up", async () => {
    issuer.misbehave(hang);
    expect(new Set(await Promise.all([look(), look(), look()]))).toEqual(new Set(["issuer-unavailable 30"]));
    expect(issuer.asked()).toBe(1);
  });

  test("the log says why, once a try, and names the setting", async () => {
    issuer.misbehave(reply(302, "", { location: "https://evil.example/?secret" }));
    await Promise.all([look(), look()]);
    await look();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "error",
      event: "the issuer's keys cannot be fetched",
      setting: "VAMBE_OIDC_ISSUER",
      cause: "it answers with a redirect (302)",
    });
    expect(lines.join()).not.toContain("evil");
  });
});

test("by the machine's own clock they are fetched once as well, where nobody gives another", async () => {
  const log = createLog((line) => lines.push(line));
  const itsKeys = new IssuerKeys({ url: issuer.url }, { log });
  const { jwk } = await issuer.publicKey();
  for (let proof = 0; proof < 3; proof++) await itsKeys.keysFor({ alg: "ES256", kid: String(jwk.kid) });
  expect([issuer.asked("discovery"), issuer.asked()]).toEqual([1, 1]);
});

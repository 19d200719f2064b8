import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inSeconds } from "../support/proofs.ts";
import { startWorld, type World } from "../support/world.ts";

/** A proof that still holds is shown after a newer one: a page out of a cache, a tab that was open, or somebody who kept it. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

type Json = Record<string, unknown>;
const signIn = async (id: string, claims: Json) =>
  (await world.page.identify({ id }, world.proofFor(id, claims))).identity();
const upsertsOf = (id: string) =>
  world.vambe.standIn
    .upserts()
    .map(({ body }) => Object(body))
    .filter(({ external_user_id }) => external_user_id === id);
const planAtVambe = (id: string) => {
  const upsert = upsertsOf(id).findLast(({ custom_field_values }) => custom_field_values);
  return upsert?.custom_field_values.find(({ key }: { key: string }) => key === "plan")?.value;
};

describe("an older proof", () => {
  test("does not bring premium back after a newer one has said free; the identity stands", async () => {
    await signIn("jane", { plan: "premium", iat: inSeconds(-60) });
    await signIn("jane", { plan: "free", iat: inSeconds(-5) });
    const answer = await signIn("jane", { plan: "premium", iat: inSeconds(-60) });
    expect(answer).toMatchObject({
      status: "unchanged",
      user: { id: "jane", verified: true },
      applied: [],
      ignored: [{ trait: "plan", reason: "older-than-known" }],
    });
    expect(planAtVambe("jane")).toBe("free");
  });

  test("nor where the newer one changed nothing", async () => {
    await signIn("nora", { plan: "free", iat: inSeconds(-90) });
    await signIn("nora", { plan: "free", iat: inSeconds(-5) });
    await signIn("nora", { plan: "premium", iat: inSeconds(-60) });
    expect(planAtVambe("nora")).toBe("free");
  });

  test("is applied as far as it says what is known, and adds nothing", async () => {
    await signIn("ada", { name: "Ada", plan: "free", iat: inSeconds(-5) });
    const answer = await signIn("ada", {
      name: "Ada",
      email: "old@example.com",
      plan: "free",
      iat: inSeconds(-60),
    });
    expect(answer.applied).toEqual(["name", "plan"]);
    expect(answer.ignored).toEqual([{ trait: "email", reason: "older-than-known" }]);
    expect(JSON.stringify(upsertsOf("ada"))).not.toContain("old@example.com");
  });

  test("of another user says nothing about this one", async () => {
    await signIn("eve", { plan: "free", iat: inSeconds(-5) });
    expect((await signIn("mia", { plan: "pro", iat: inSeconds(-60) })).applied).toEqual(["plan"]);
  });

  test("without an iat counts as old as it can be by its exp", async () => {
    await signIn("zoe", { plan: "free", iat: inSeconds(-5) });
    const answer = await signIn("zoe", { plan: "premium", iat: undefined });
    expect(answer.ignored).toEqual([{ trait: "plan", reason: "older-than-known" }]);
    await signIn("liv", { plan: "premium", iat: undefined, exp: inSeconds(500) });
    await signIn("liv", { plan: "free", iat: undefined, exp: inSeconds(600) });
    await signIn("liv", { plan: "premium", iat: undefined, exp: inSeconds(500) });
    expect(planAtVambe("liv")).toBe("free");
  });

  test("of the same second is as new", async () => {
    const iat = inSeconds(-5);
    await signIn("kim", { plan: "free", iat });
    expect((await signIn("kim", { plan: "pro", iat })).applied).toEqual(["plan"]);
  });
});

test("an older proof's name is not the webchat's either", async () => {
  await using chat = await startWorld({
    environment: { VAMBE_WEBCHAT_SECRET: "w".repeat(20) + "e".repeat(20) },
  });
  const nameAfter = async (name: string, ago: number) => {
    const proof = chat.proofFor("u", { name, iat: inSeconds(-ago) });
    return decodeJwt(String((await chat.page.identify({ id: "u" }, proof)).identity().webchat_token)).name;
  };
  expect(await nameAfter("New", 5)).toBe("New");
  expect(await nameAfter("Old", 60)).toBeUndefined();
});

test.each([-62_135_596_800_000, -1e15, -9_300_000_000_000, -1.5])(
  "a proof of the year dot (iat %d) is an old one and locks nobody out",
  async (iat) => {
    const id = `dot${iat}`;
    expect((await signIn(id, { plan: "free", iat })).status).toBe("delivered");
    expect((await signIn(id, { plan: "pro", iat: inSeconds(-5) })).status).toBe("delivered");
    expect((await signIn(id, { plan: "free", iat })).ignored).toEqual([
      { trait: "plan", reason: "older-than-known" },
    ]);
  },
);

test("two tabs with proofs of different age that take turns make two upserts, not one a turn", async () => {
  const older = world.proofFor("turn", { plan: "premium", iat: inSeconds(-60) });
  const newer = world.proofFor("turn", { plan: "free", iat: inSeconds(-5) });
  for (let turn = 0; turn < 20; turn++)
    for (const proof of [older, newer]) await world.page.identify({ id: "turn" }, proof);
  expect(upsertsOf("turn").length).toBe(2);
  expect(planAtVambe("turn")).toBe("free");
});

test("what is the newest outlives a restart, also where it changed nothing", async () => {
  await using other = await startWorld();
  const ask = async (plan: string, ago: number) =>
    (await other.page.identify({ id: "u" }, other.proofFor("u", { plan, iat: inSeconds(-ago) }))).identity();
  await ask("free", 90);
  await ask("free", 5);
  await other.exchange.restart();
  expect((await ask("premium", 60)).ignored).toEqual([{ trait: "plan", reason: "older-than-known" }]);
});

test("a proof that was signed by a clock ahead, as far as that is allowed, holds the next ones up no longer than it is ahead", async () => {
  await signIn("fast", { plan: "free", iat: inSeconds(50) });
  const early = await signIn("fast", { plan: "pro", iat: inSeconds(0) });
  expect(early.ignored).toEqual([{ trait: "plan", reason: "older-than-known" }]);
  expect((await signIn("fast", { plan: "pro", iat: inSeconds(51) })).applied).toEqual(["plan"]);
});

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashUser } from "../../server/sign/sign.ts";
import { startWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const hash = (id: string, secret = world.secret) => hashUser(id, secret);
const refused = async (user_hash: unknown, id: unknown = "u") =>
  (await world.page.identify({ id, user_hash })).problem().slug;

describe("a user_hash", () => {
  test("that is right proves the id, and none of the traits beside it", async () => {
    const answer = (
      await world.page.identify({ id: "u", plan: "enterprise", user_hash: hash("u") })
    ).identity();
    expect(answer).toMatchObject({
      user: { id: "u", verified: true },
      applied: [],
      ignored: [{ trait: "plan", reason: "unproven" }],
    });
    expect(JSON.stringify(world.vambe.standIn.contacts())).not.toContain("enterprise");
  });

  test("of an id in another alphabet, or in capitals, is that id's alone", async () => {
    for (const id of ["ünï-✓", "42"]) {
      expect((await world.page.identify({ id, user_hash: hash(id).toUpperCase() })).status).toBe(200);
    }
    expect((await world.page.identify({ id: 42, user_hash: hash("42") })).identity().user.id).toBe("42");
    expect(await refused(hash("u"), "U")).toBe("proof-user-hash");
    expect(await refused(hash("аdmin"), "admin")).toBe("proof-user-hash"); // the first has a Cyrillic а
  });

  test.each([
    ["empty", () => ""],
    ["short", () => hash("u").slice(0, 62)],
    ["one digit more", () => `${hash("u")}0`],
    ["not hex", () => `${hash("u").slice(0, 63)}z`],
    ["of another id", () => hash("v")],
    ["by another secret", () => hash("u", "0".repeat(64))],
    ["with white space", () => ` ${hash("u")}`],
    ["the plain SHA-256 of the id", () => createHmac("sha256", "").update("u").digest("hex")],
  ])("that is %s is refused", async (_, make) => {
    const before = world.vambe.standIn.upserts().length;
    expect(await refused(make())).toBe("proof-user-hash");
    expect(world.vambe.standIn.upserts().length).toBe(before);
  });

  test("of a wrong type is named", async () => {
    const { slug, errors } = (await world.page.identify({ id: "u", user_hash: 5 })).problem();
    expect({ slug, field: errors?.[0]?.field }).toEqual({ slug: "invalid-user", field: "user.user_hash" });
  });

  test("is not looked at where a proof is there: a bad proof is not mended by a good hash", async () => {
    const answer = await world.page.identify({ id: "u", user_hash: hash("u") }, "forged");
    expect(answer.status).toBe(401);
  });

  test("is compared in constant time, whatever its length", () => {
    const source = readFileSync(new URL("../../server/proof/user-hash.ts", import.meta.url), "utf8");
    expect(source).toContain("timingSafeEqual(");
    expect(source).not.toMatch(/===\s*(hash|given|expected)|some\(/);
  });

  test("never expires, so it is refused where a proof serves once", async () => {
    await using strict = await startWorld({ environment: { VAMBE_PROOF_ONCE: "true" } });
    const answer = await strict.page.identify({ id: "u", user_hash: hash("u", strict.secret) });
    expect(answer.problem().slug).toBe("proof-user-hash");
  });
});

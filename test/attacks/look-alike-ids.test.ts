import { createHmac } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inSeconds, signJwt } from "../support/proofs.ts";
import { tracesIn } from "../support/traces.ts";
import { startWorld, type World } from "../support/world.ts";

/** Somebody registers a name that looks like another's, or that some layer below takes for another's. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const slugOf = async (id: unknown, proof: string) => {
  const before = tracesIn(world);
  const { slug } = (await world.page.identify({ id }, proof)).problem();
  expect(tracesIn(world)).toEqual(before);
  return slug;
};
const idsAtVambe = () =>
  world.vambe.standIn.upserts().map(({ body }) => String(Object(body).external_user_id));
const idsInTheLedger = () => {
  const db = new DatabaseSync(world.database, { readOnly: true });
  const rows = db.prepare("SELECT user_id FROM contact").all();
  db.close();
  return rows.map((row) => String(row.user_id));
};

describe("ids that look alike are two people: at Vambe, in the ledger and in the token", () => {
  test.each([
    ["one letter and a letter with a combining accent", "jos\u00e9", "jose\u0301"],
    ["a Latin and a Cyrillic a", "adam", "\u0430dam"],
    ["a Latin and a Greek o", "otto", "\u03bftt\u03bf"],
    ["a zero-width space inside", "marie", "mar\u200bie"],
    ["a zero-width joiner inside", "kevin", "kev\u200din"],
    ["a soft hyphen inside", "peter", "pe\u00adter"],
    ["full-width letters", "frank", "\uff46\uff52\uff41\uff4e\uff4b"],
    ["full-width digits", "2024", "\uff12\uff10\uff12\uff14"],
    ["Arabic digits", "1984", "\u0661\u0669\u0668\u0664"],
    ["case", "susan", "Susan"],
    ["the Turkish i", "igor", "\u0131gor"],
    ["the Kelvin sign", "karl", "\u212aarl"],
    ["the German sharp s", "strasse", "stra\u00dfe"],
    ["a ligature", "fiona", "\ufb01ona"],
    ["a blank and one that does not break", "ann lee", "ann\u00a0lee"],
    ["letters written from right to left", "bob", "\u202ebob"],
    ["a tag that nobody sees", "carl", "carl\u{e0061}"],
    ["a wildcard", "a_c", "a%c"],
    ["an escape", "a/b", "a%2fb"],
    ["a quote", "o'neil", "o''neil"],
  ])("%s", async (_, one, other) => {
    expect(one).not.toBe(other);
    expect(await slugOf(other, world.proofFor(one))).toBe("proof-other-user");
    expect(await slugOf(one, world.proofFor(other))).toBe("proof-other-user");
    for (const id of [one, other]) {
      const { user, token } = (await world.signIn(id, { plan: "free" })).identity();
      expect(user).toMatchObject({ id, verified: true });
      expect(decodeJwt(token).sub).toBe(id);
    }
    for (const ids of [idsAtVambe(), idsInTheLedger()]) {
      expect(ids.filter((id) => id === one || id === other).sort()).toEqual([one, other].sort());
    }
  });
});

describe("ids that are names of JavaScript's own", () => {
  test.each([
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "nullable",
    "undefinable",
    "Nan Goldin",
  ])("%s is somebody like anybody else", async (id) => {
    for (const plan of ["free", "pro"]) {
      const { user, status, token } = (await world.signIn(id, { plan })).identity();
      expect(user).toMatchObject({ id, verified: true });
      expect(status).toBe("delivered");
      expect(decodeJwt(token).sub).toBe(id);
    }
    expect(await slugOf(id, world.proofFor("somebody"))).toBe("proof-other-user");
    expect(idsInTheLedger().filter((each) => each === id)).toEqual([id]);
  });
});

describe("ids that a layer below might cut, trim or fold are nobody's", () => {
  test.each([
    ["NUL at the end", "jane\u0000"],
    ["NUL inside", "jane\u0000admin"],
    ["NUL at the beginning", "\u0000jane"],
    ["a trailing blank", "jane "],
    ["a leading blank", " jane"],
    ["a trailing tab", "jane\t"],
    ["a trailing line break", "jane\n"],
    ["a trailing blank that does not break", "jane\u00a0"],
    ["a trailing ideographic blank", "jane\u3000"],
    ["a byte order mark in front", "\ufeffjane"],
    ["a line separator at the end", "jane\u2028"],
    ["a backspace", "jane!\b"],
    ["an escape sequence", "jane\u001b[2K"],
    ["a delete", "jane\u007f"],
    ["a C1 control", "jane\u0085x"],
    ["half a letter", "jane\ud83d"],
    ["nothing", ""],
    ["zero", "0"],
    ["undefined as text", "undefined"],
    ["null as text", "null"],
    ["not a number as text", "NaN"],
    ["Go's nothing", "<nil>"],
    ["a date that is none", "Invalid Date"],
    ["an object as text", "[object Object]"],
    ["a promise as text", "[object Promise]"],
    ["the nil UUID", "00000000-0000-0000-0000-000000000000"],
    ["Python's nothing", "None"],
    ["a template that was not filled in", "{{ user.id }}"],
    ["a template literal in plain quotes", ["$", "{user.id}"].join("")],
    ["blanks", "   "],
    ["256 characters", "x".repeat(256)],
  ])("%s", async (_, id) => {
    expect(await slugOf(id, world.proofFor(id))).toBe("invalid-user");
    expect(await slugOf(id, world.proofFor("jane"))).toBe("invalid-user");
    expect(await slugOf("jane", world.proofFor(id))).toBe("proof-claims");
  });

  test.each([
    ["Latin-1", "latin1"],
    ["UTF-16", "utf16le"],
  ] as const)("claims in %s: two names would become one", async (_, encoding) => {
    const claims = { sub: "jos\u00e9", aud: "vambe-identity", exp: inSeconds(600) };
    const payload = Buffer.from(JSON.stringify(claims), encoding).toString("base64url");
    const signed = `${Buffer.from('{"alg":"HS256"}').toString("base64url")}.${payload}`;
    const proof = `${signed}.${createHmac("sha256", world.secret).update(signed).digest("base64url")}`;
    for (const id of ["jos\u00e9", "jos\ufffd"]) expect(await slugOf(id, proof)).toMatch(/^proof-/);
  });

  test("15,000 characters", async () => {
    const id = "x".repeat(15_000);
    expect(await slugOf(id, world.proofFor("x"))).toBe("invalid-user");
    expect(await slugOf("x", world.proofFor("x".repeat(5000)))).toBe("proof-claims");
    expect(await slugOf("x", world.proofFor(id))).toBe("invalid-user");
    expect(await slugOf("x".repeat(255), world.proofFor("x".repeat(256)))).toBe("proof-claims");
    expect((await world.signIn("x".repeat(255))).identity().user.id.length).toBe(255);
  });
});

describe("an id as a number", () => {
  /** The page's id and the proof's sub, each as JSON text. */
  const attempt = (id: string, sub: string) => {
    const claims = `{"sub":${sub},"aud":"vambe-identity","exp":${inSeconds(600)}}`;
    const proof = JSON.stringify(signJwt(claims, world.secret));
    return world.page.identify(undefined, undefined, { body: `{"user":{"id":${id}},"proof":${proof}}` });
  };

  test.each([
    ["1", '"1"', "1"],
    ['"1"', "1", "1"],
    ["1.0", '"1"', "1"],
    ["1e3", '"1000"', "1000"],
    ['"1000"', "1e3", "1000"],
    ["-1.0", '"-1"', "-1"],
    ["-7", '"-7"', "-7"],
    ["9007199254740991", '"9007199254740991"', "9007199254740991"],
  ])("%s and the sub %s are one user: %s", async (id, sub, user) => {
    const answer = (await attempt(id, sub)).identity();
    expect(answer.user).toEqual({ id: user, verified: true });
    expect(decodeJwt(answer.token).sub).toBe(user);
    expect(idsInTheLedger()).toContain(user);
  });

  test.each([
    ['"01"', "1", "proof-other-user"],
    ['"1.0"', "1.0", "proof-other-user"],
    ['"1e3"', "1e3", "proof-other-user"],
    ["1000", '"1e3"', "proof-other-user"],
    ['"1"', "-1", "proof-other-user"],
    ["1", "2", "proof-other-user"],
    ["1", "true", "proof-claims"],
    ["1", "false", "proof-claims"],
    ["1", "null", "proof-claims"],
    ["true", '"true"', "invalid-user"],
    ['["1"]', '"1"', "invalid-user"],
    ['{"toString":"1"}', '"1"', "invalid-user"],
    ["1e999", '"Infinity"', "invalid-user"],
    ['"1e999"', "1e999", "proof-claims"],
  ])("%s and the sub %s are refused: %s", async (id, sub, slug) => {
    const before = tracesIn(world);
    expect((await attempt(id, sub)).problem().slug).toBe(slug);
    expect(tracesIn(world)).toEqual(before);
  });

  test.each(["9007199254740993", "9007199254740992", "-9007199254740993", "12345678901234567890", "1e21"])(
    "%s, which JSON rounds to another's, is nobody's",
    async (number) => {
      const rounded = String(Number(number));
      const before = tracesIn(world);
      for (const text of [number, rounded]) {
        expect((await attempt(number, JSON.stringify(text))).problem().slug).toBe("invalid-user");
        expect((await attempt(JSON.stringify(text), number)).problem().slug).toBe("proof-claims");
      }
      expect(tracesIn(world)).toEqual(before);
      // As a text it is exact.
      expect((await attempt(`"${number}"`, `"${number}"`)).identity().user.id).toBe(number);
    },
  );
});

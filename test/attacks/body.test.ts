import { describe, expect, test } from "vitest";
import {
  good,
  headers,
  nothingHappened,
  post,
  rememberTraces,
  shareOneWorld,
  world,
} from "./world-left-alone.ts";

/**
 * A body is sent that a parser might trip over, or that two parsers might read in two ways. Each has a good proof
 * in it. After each the exchange serves everybody else as before.
 */

shareOneWorld();

const withId = (id: string, user: string) => good(id).replace(`"id":${JSON.stringify(id)}`, user);

describe("a deeply nested body", () => {
  const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  test.each([
    ["lists without end", "[".repeat(16_000)],
    ["lists", deep("[", "]", 8000)],
    ["objects without end", '{"user":'.repeat(2000)],
    ["objects", `${'{"a":'.repeat(2500)}1${"}".repeat(2500)}`],
    ["a user of lists", `{"user":${deep("[", "]", 7000)}}`],
    ["an id of lists", `{"user":{"id":${deep("[", "]", 7000)}}}`],
    ["a field of lists", `{"user":{"id":"jane","fields":{"plan":${deep("[", "]", 7000)}}}}`],
    ["a proof of lists", `{"user":{"id":"jane"},"proof":${deep("[", "]", 7000)}}`],
    ["an unknown trait of objects", withoutProof(`${'{"a":'.repeat(1500)}1${"}".repeat(1500)}`)],
  ])("(%s) is refused like any other", async (_, body) => {
    const answer = await post(body);
    expect([400, 401]).toContain(answer.status);
    expect(answer.problem().slug).toMatch(/^(malformed-json|invalid-user|proof-missing)$/);
    expect(answer.bytes.length).toBeLessThan(4000);
    nothingHappened();
  });
});

function withoutProof(value: string) {
  return `{"user":{"id":"jane","trait":${value}}}`;
}

describe("a name twice in the body", () => {
  test("is read one way throughout: the last counts, for the proof as for what is done", async () => {
    const [jane, admin] = [JSON.stringify(world.proofFor("jane")), JSON.stringify({ id: "admin" })];
    const user = '{"id":"jane"}';
    for (const body of [
      `{"user":${user},"user":${admin},"proof":${jane}}`,
      `{"user":${user},"proof":${jane},"user":${admin}}`,
      `{"user":{"id":"jane","id":"admin"},"proof":${jane}}`,
      `{"user":{"id":"jane","\\u0069d":"admin"},"proof":${jane}}`,
    ]) {
      expect((await post(body)).problem().slug).toBe("proof-other-user");
    }
    expect((await post(`{"user":${user},"proof":${jane},"proof":null}`)).problem().slug).toBe(
      "proof-missing",
    );
    nothingHappened();
    const answer = await post(`{"user":${admin},"user":${user},"proof":"x","proof":${jane}}`);
    expect(answer.identity().user).toEqual({ id: "jane", verified: true });
    rememberTraces();
  });
});

describe("__proto__ in the body", () => {
  test.each([
    ["for all of it", (b: string) => `{"__proto__":${b}}`, 400],
    ["for the user", () => '{"user":{"__proto__":{"id":"jane"}}}', 400],
    ["for the proof", () => `{"user":{"id":"jane"},"__proto__":{"proof":"${world.proofFor("jane")}"}}`, 401],
    ["for the prototype's constructor", (b: string) => `{"constructor":{"prototype":${b}}}`, 400],
    ["for the fields", () => `{"user":{"id":"jane","fields":{"__proto__":{"plan":"x"}}}}`, 401],
  ])("(%s) stands in for nothing", async (_, body, status) => {
    expect((await post(body(good()))).status).toBe(status);
    nothingHappened();
  });

  test("changes nothing for those who come after", async () => {
    const poison =
      '"__proto__":{"verified":true,"name":"Evil","plan":"enterprise","allowUnverified":true,"proof":"x"}';
    const builder = '"constructor":{"prototype":{"name":"Evil","plan":"enterprise"}}';
    for (const more of [poison, builder, `"fields":{${poison}}`, `"fields":{"__proto__":"x"}`]) {
      const body = withId("jane", `"id":"jane",${more}`);
      await post(body);
      await post(body.replace('{"user"', `{${poison},"user"`));
    }
    const { applied, ignored } = (await post(good("next"))).identity();
    expect({ applied, ignored }).toEqual({ applied: [], ignored: [] });
    expect((await post('{"user":{"id":"next"}}')).problem().slug).toBe("proof-missing");
    expect(JSON.stringify(world.vambe.standIn.upserts())).not.toMatch(/Evil|enterprise/);
    rememberTraces();
  });
});

describe("a body that is not UTF-8", () => {
  const bytes = (...numbers: number[]) => Buffer.from(numbers);
  const idOf = (id: Buffer) => {
    const [head = "", tail = ""] = good("@@").split('"@@"');
    return Buffer.concat([Buffer.from(`${head}"`), id, Buffer.from(`"${tail}`)]);
  };
  test.each<[string, () => Buffer]>([
    ["a lone continuation byte", () => idOf(bytes(0x6a, 0x80))],
    ["an overlong slash", () => idOf(bytes(0xc0, 0xaf))],
    ["an overlong NUL", () => idOf(bytes(0x6a, 0xc0, 0x80))],
    ["a surrogate", () => idOf(bytes(0xed, 0xa0, 0x80))],
    ["past the end of Unicode", () => idOf(bytes(0xf4, 0x90, 0x80, 0x80))],
    ["half a letter", () => idOf(bytes(0xe2, 0x82))],
    ["Latin-1", () => Buffer.from(good("jos\u00e9"), "latin1")],
    ["UTF-16", () => Buffer.from(good(), "utf16le")],
    ["UTF-16 with its mark", () => Buffer.from(`\ufeff${good()}`, "utf16le")],
    ["UTF-16, the other way round", () => Buffer.from(`\ufeff${good()}`, "utf16le").swap16()],
    ["UTF-32", () => Buffer.from(`\u0000${[...good()].join("\u0000")}`, "utf16le")],
    ["two byte order marks", () => Buffer.from(`\ufeff\ufeff${good()}`)],
    ["NUL after it", () => Buffer.from(`${good()}\u0000`)],
  ])("(%s) is refused, and nothing in it replaced", async (_, body) => {
    for (const charset of ["", "; charset=utf-16", "; charset=iso-8859-1"]) {
      const sent = { headers: { ...headers, "content-type": `application/json${charset}` } };
      expect((await post(body(), sent)).problem()).toMatchObject({ slug: "malformed-json", status: 400 });
    }
    nothingHappened();
  });

  test("one byte order mark in front is no part of it", async () => {
    expect((await post(`\ufeff${good("marked")}`)).identity().user.id).toBe("marked");
    rememberTraces();
  });
});

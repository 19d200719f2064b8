import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawExchange } from "../../support/raw-request.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const headers = { origin: ORIGIN, "content-type": "application/json" };
const post = (body: string | Uint8Array, more = {}) =>
  world.page.send("/identify", { method: "POST", headers, body, ...more });
const slugOf = async (body: string | Uint8Array, more = {}) => (await post(body, more)).problem().slug;
const goodBody = (user: object = {}) =>
  JSON.stringify({ user: { id: "u", ...user }, proof: world.proofFor("u") });

describe("the form of the body", () => {
  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/jsonx",
    "",
    "text/json",
  ])("Content-Type %j is refused: only JSON needs a preflight", async (type) => {
    const answer = await post(goodBody(), { headers: { ...headers, "content-type": type } });
    expect(answer.status).toBe(415);
    expect(answer.problem().slug).toBe("not-json");
  });

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON", "application/json;"])(
    "Content-Type %j is JSON",
    async (type) => {
      expect((await post(goodBody(), { headers: { ...headers, "content-type": type } })).status).toBe(200);
    },
  );

  test("a body in chunks is read like any other", async () => {
    expect((await post(goodBody(), { chunked: true })).status).toBe(200);
    expect(await slugOf("{", { chunked: true })).toBe("malformed-json");
  });

  test("32 KB are taken, one byte more is refused with 413", async () => {
    const padded = (size: number) => goodBody() + " ".repeat(size - goodBody().length);
    expect((await post(padded(32 * 1024))).status).toBe(200);
    const answer = await post(padded(32 * 1024 + 1));
    expect(answer.status).toBe(413);
    expect(answer.problem().slug).toBe("body-too-large");
  });

  test("a body that claims to be huge is refused before it is sent", async () => {
    const { host } = new URL(world.exchange.url);
    const answer = await rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${ORIGIN}\r\nConnection: close\r\n` +
        "Content-Type: application/json\r\nContent-Length: 10000000000\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each([
    ["with its length", false],
    ["in chunks", true],
  ])(
    "who sends three megabytes little by little, %s, and only then listens, hears the 413",
    async (_, chunked) => {
      const piece = Buffer.alloc(300_000, "x");
      const socket = connect({ port: world.exchange.port, host: "127.0.0.1" }).pause();
      const failed = once(socket, "error").then(([error]) => Promise.reject(error));
      const length = chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${10 * piece.length}`;
      const send = async () => {
        socket.write(
          `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nConnection: close\r\n` +
            `Content-Type: application/json\r\n${length}\r\n\r\n`,
        );
        for (let sent = 0; sent < 10; sent++) {
          socket.write(chunked ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece);
          await sleep(20);
        }
        if (chunked) socket.write("0\r\n\r\n");
        return text(socket);
      };
      expect(await Promise.race([send(), failed])).toMatch(/^HTTP\/1\.1 413 /);
    },
  );

  test.each([
    ["both a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
    ["two lengths", "Content-Length: 5\r\nContent-Length: 6"],
    ["a length below zero", "Content-Length: -5"],
    ["a length that is no number", "Content-Length: 5x"],
  ])("%s: the request is refused, so that no proxy can be led astray", async (_, lengths) => {
    const answer = await rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nConnection: close\r\n` +
        `Content-Type: application/json\r\n${lengths}\r\n\r\n{"a":`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});

describe("what is not JSON", () => {
  test.each([
    ["nothing", ""],
    ["half of it", '{"user":{"id":"u"'],
    ["two of them", '{"user":{"id":"u"}}{"user":{"id":"u"}}'],
    ["single quotes", "{'user':{'id':'u'}}"],
    ["a comment", '{"user":{"id":"u"}} // me'],
    ["a bare NaN", '{"user":{"id":NaN}}'],
    ["a form", "user=u&proof=x"],
    ["deep nesting without end", "[".repeat(16_000)],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ["an overlong encoding", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ["UTF-16", Buffer.from(JSON.stringify({ user: { id: "u" } }), "utf16le")],
  ])("%s", async (_, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.problem().slug).toBe("malformed-json");
  });

  test("a byte order mark in front does no harm", async () => {
    expect((await post(`\ufeff${goodBody()}`)).status).toBe(200);
  });
});

describe("JSON that is no user", () => {
  test.each([
    ["null", "null", "body"],
    ["a list", "[]", "body"],
    ["a text", '"u"', "body"],
    ["a number", "1", "body"],
    ["an empty object", "{}", "user"],
    ["a user that is a list", '{"user":[]}', "user"],
    ["a user that is a text", '{"user":"u"}', "user"],
    ["no id", '{"user":{"name":"Jane"}}', "user.id"],
    ["id null", '{"user":{"id":null}}', "user.id"],
    ["an empty id", '{"user":{"id":""}}', "user.id"],
    ["an id of blanks", '{"user":{"id":"   "}}', "user.id"],
    ["an id that is an object", '{"user":{"id":{"$ne":null}}}', "user.id"],
    ["an id that is a list", '{"user":{"id":["u"]}}', "user.id"],
    ["an id that is true", '{"user":{"id":true}}', "user.id"],
    ["an id with a line break", '{"user":{"id":"u\\nv"}}', "user.id"],
    ["an id with a zero byte", '{"user":{"id":"u\\u0000"}}', "user.id"],
    ["an id with half a letter", '{"user":{"id":"u\\ud800"}}', "user.id"],
    ["an id of 10,000 characters", JSON.stringify({ user: { id: "x".repeat(10_000) } }), "user.id"],
    ["an id that JSON cannot carry exactly", '{"user":{"id":12345678901234567890}}', "user.id"],
    ["an id beyond all numbers", '{"user":{"id":1e999}}', "user.id"],
    ["a name that is a number", '{"user":{"id":"u","name":7}}', "user.name"],
    ["an email that is an object", '{"user":{"id":"u","email":{}}}', "user.email"],
    ["a name that is too long", JSON.stringify({ user: { id: "u", name: "x".repeat(256) } }), "user.name"],
    ["fields that are a list", '{"user":{"id":"u","fields":["a"]}}', "user.fields"],
    [
      "a field that is too long",
      JSON.stringify({ user: { id: "u", fields: { a: "x".repeat(1001) } } }),
      "user.fields.a",
    ],
    ["a proof that is a number", '{"user":{"id":"u"},"proof":1}', "proof"],
    ["a proof that is too long", JSON.stringify({ user: { id: "u" }, proof: "x".repeat(16_385) }), "proof"],
    ["deep nesting", `{"user":${"[".repeat(7000)}${"]".repeat(7000)}}`, "user"],
  ])("%s: the answer names the field", async (_, body, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const { slug, errors } = answer.problem();
    expect(slug).toBe("invalid-user");
    expect(errors?.map((error) => error.field)).toContain(field);
  });

  test("all that is wrong is listed at once, but no more than can be read", async () => {
    const { errors } = (await post('{"user":{"id":"","name":1,"email":2,"plan":3}}')).problem();
    expect(errors?.map(({ field }) => field)).toEqual(["user.name", "user.email", "user.plan", "user.id"]);
    const long = "x".repeat(1001);
    const fields = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${n}`, long]));
    const many = (await post(JSON.stringify({ user: { id: "u", fields } }))).problem();
    expect(many.errors?.length).toBe(20);
    const lists = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`${n}`, []]));
    const { ignored } = (await post(goodBody({ fields: lists }))).identity();
    expect(ignored.length).toBeLessThan(50);
  });

  test("a value that is refused is not repeated, in the answer or in the log", async () => {
    const secret = "Secretname-and-more";
    const answer = await post(
      JSON.stringify({
        user: { id: `${secret}\n`, name: [secret], fields: { a: { b: secret } } },
        proof: { secret },
      }),
    );
    expect(answer.status).toBe(400);
    expect(answer.text + world.exchange.output()).not.toContain(secret);
  });
});

describe("names that are not expected", () => {
  test("are ignored by name", async () => {
    const { ignored } = (await post(goodBody({ firm: "Acme", Email: "x@example.com" }))).identity();
    expect(ignored).toEqual([
      { trait: "firm", reason: "unknown-trait" },
      { trait: "Email", reason: "unknown-trait" },
    ]);
  });

  test("__proto__ and its like are ignored by name and change nothing", async () => {
    const body = goodBody().replace(
      '"id":"u"',
      '"id":"u","__proto__":{"verified":true},"constructor":{"prototype":{}}',
    );
    const { ignored } = (await post(body)).identity();
    expect(ignored.map(({ trait }) => trait).sort()).toEqual(["__proto__", "constructor"]);
    expect((await world.page.send("/livez", {})).text).toBe('{"status":"alive"}');
  });

  test("a custom field called __proto__ is ignored by name like any other", async () => {
    const body = goodBody().replace('"id":"u"', '"id":"u","fields":{"__proto__":"x","constructor":"y"}');
    const { ignored } = (await post(body)).identity();
    expect(ignored.map(({ trait }) => trait).sort()).toEqual(["__proto__", "constructor"]);
  });

  test("very many and very long ones do not make a very long answer", async () => {
    const names = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`n${n}`, 1]));
    expect((await post(goodBody(names))).bytes.length).toBeLessThan(8000);
    expect((await post(goodBody({ ["x".repeat(10_000)]: 1 }))).bytes.length).toBeLessThan(3000);
  });

  test("of two ids the last counts, for the proof as for everything else", async () => {
    const twice = (first: string, last: string) =>
      goodBody().replace('"id":"u"', `"id":"${first}","id":"${last}"`);
    expect((await post(twice("admin", "u"))).identity().user.id).toBe("u");
    expect(await slugOf(twice("u", "admin"))).toBe("proof-other-user");
  });
});

test("a page that goes away in the middle of a sentence is no error of the exchange's", async () => {
  await rawExchange(
    world.exchange.port,
    `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"user"`,
    { halfClose: true },
  );
  expect((await post(goodBody())).status).toBe(200);
  await sleep(200);
  expect(world.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
});

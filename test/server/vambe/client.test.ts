import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createVambeClient } from "../../../server/vambe/client.ts";
import type { Upsert } from "../../../server/vambe/contract.ts";
import {
  drip,
  hang,
  type Misbehaviour,
  reply,
  reset,
  startUpstream,
  type Upstream,
  write,
} from "../../support/upstream.ts";

const API_KEY = "key-that-must-stay-home";
const CONTACT_ID = "df980fc8-b6db-4820-bf22-2969482d106d";
const body: Upsert = {
  channel: "webchat",
  channel_id: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  external_user_id: "u1",
  contact_name: "José",
  meta_data: { source: "test" },
  custom_field_values: [
    { key: "plan", value: "pro" },
    { key: "company", value: "Acme" },
    { key: "año", value: "2026" },
  ],
};

let vambe: Upstream;
beforeEach(async () => {
  vambe = await startUpstream(hang);
});
afterEach(() => vambe.close());

const upsert = (deadlineMs = 20_000) =>
  createVambeClient({ apiUrl: vambe.url, apiKey: API_KEY, deadlineMs }).upsert(body);

test("the request is the one that the API page describes", async () => {
  vambe.behave(reply(201));
  await upsert();
  const [{ head, body: sent } = { head: "", body: "" }] = vambe.seen;
  expect(head).toMatch(/^POST \/api\/public\/customer\/upsert\/info HTTP\/1\.1/);
  expect(head.toLowerCase()).toContain("content-type: application/json");
  expect(head).toContain(`x-api-key: ${API_KEY}`);
  expect(JSON.parse(sent)).toEqual(body);
});

describe("2xx with JSON or nothing confirms", () => {
  const contact = JSON.stringify({ id: CONTACT_ID, name: "José" });

  test("with a contact, whose id is kept", async () => {
    vambe.behave(reply(201, contact));
    expect(await upsert()).toEqual({ kind: "confirmed", contactId: CONTACT_ID });
  });

  test.each([
    ["an empty body", ""],
    ["an empty body that calls itself HTML", "", "text/html"],
    ["blanks", " \r\n"],
    ["JSON that is no contact", "[1, 2, 3]"],
    ["JSON that calls itself HTML", '{"name":"José"}', "text/html"],
    ["JSON after a byte order mark", '\uFEFF{"name":"José"}'],
    ["null", "null"],
    ["a contact without an id", '{"name":"José"}'],
    ["an id that is no UUID", '{"id":"1; DROP TABLE contact"}'],
    ["an id that is a number", '{"id":7}'],
    ["half a contact", contact.slice(0, 20)],
    ["deep nesting", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
  ])("with %s", async (_, answer, type = "application/json") => {
    vambe.behave(reply(201, answer, { "content-type": type }));
    expect(await upsert()).toEqual({ kind: "confirmed", contactId: undefined });
  });

  test.each([200, 202, 204])("with status %i", async (status) => {
    vambe.behave(reply(status, status === 204 ? "" : contact));
    expect((await upsert()).kind).toBe("confirmed");
  });

  test("with 10 MB of blanks, of which the most is never read", async () => {
    let left = false;
    vambe.behave((socket) => {
      socket.on("close", () => {
        left = true;
      });
      socket.write("HTTP/1.1 201 Created\r\ncontent-length: 10000000\r\n\r\n");
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024, " ")));
        socket.once("drain", more);
      };
      more();
    });
    expect((await upsert()).kind).toBe("confirmed");
    await expect.poll(() => left, { timeout: 10_000 }).toBe(true);
  });

  test("with a body that drips, at the latest when the deadline has passed", async () => {
    vambe.behave(drip());
    const began = performance.now();
    expect(await upsert(500)).toEqual({ kind: "confirmed", contactId: undefined });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test("with a body that breaks off", async () => {
    vambe.behave(reset("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"));
    expect((await upsert()).kind).toBe("confirmed");
  });

  test("with a body that claims to be compressed and is not", async () => {
    vambe.behave(reply(201, "not gzip", { "content-encoding": "gzip" }));
    expect((await upsert()).kind).toBe("confirmed");
  });
});

describe("2xx with anything else is no delivery: somebody else answers", () => {
  const html = { "content-type": "text/html; charset=utf-8" };
  test.each<[string, Misbehaviour, string | undefined]>([
    [
      "a login page",
      reply(200, "<!doctype html><title>Sign in &#183; Shop</title><form>", html),
      "Sign in · Shop",
    ],
    ["a login page without a type", reply(200, "\n<html><body>Welcome"), undefined],
    [
      "a page that calls itself JSON",
      reply(200, "<html>", { "content-type": "application/json" }),
      undefined,
    ],
    ["a page made from a template", reply(200, "{{greeting}}", html), undefined],
    [
      "a page that breaks off before its first byte",
      reset(`HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n`),
      undefined,
    ],
    ["XML", reply(201, '<?xml version="1.0"?><ok/>', { "content-type": "text/xml" }), undefined],
    ["a word", reply(200, "OK"), "OK"],
    ["10 MB of text", reply(201, "x".repeat(10_000_000)), undefined],
  ])("%s", async (_, behaviour, words) => {
    vambe.behave(behaviour);
    const verdict = await upsert();
    expect(verdict).toEqual({
      kind: "failed",
      cause: expect.stringMatching(/^20[01] without JSON$/),
      words,
      somebodyElse: true,
    });
  });
});

describe("2xx whose body speaks of a failure confirms, and is a complaint", () => {
  test.each([
    ['{"success":false}', "no words"],
    ['{"ok":false,"message":"Channel is paused"}', "Channel is paused"],
    ['{"id":"x","name":"Somebody Else","error":"quota exceeded"}', "quota exceeded"],
    ['{"error":{"code":"E7","message":"try later"}}', "try later"],
    ['{"errors":[{"message":"one"},{"message":"two"}]}', "one; two"],
  ])("%s", async (answer, complaint) => {
    vambe.behave(reply(200, answer));
    expect(await upsert()).toEqual({ kind: "confirmed", contactId: undefined, complaint });
  });

  test.each([
    '{"success":true}',
    '{"error":null}',
    '{"error":""}',
    '{"errors":[]}',
    '{"error":{}}',
    '{"error":false}',
  ])("but not %s", async (answer) => {
    vambe.behave(reply(200, answer));
    expect(await upsert()).toEqual({ kind: "confirmed", contactId: undefined });
  });
});

describe("400 that names custom fields, in whatever words", () => {
  const nest = (message: unknown) => JSON.stringify({ statusCode: 400, message, error: "Bad Request" });

  test.each([
    ["English", nest("Custom field definition keys not found: plan")],
    ["Spanish", nest("No existen los campos personalizados «plan».")],
    ["a JSON list", nest({ missing: ["plan"] })],
    ["a list of messages", nest(["custom_field_values: unknown key 'plan'"])],
    ["plain text", "unknown field: plan"],
    ["JSON that calls itself HTML", nest("missing: plan"), { "content-type": "text/html" }],
    ["one key a line", nest("Custom field definition keys not found:\nplan\n")],
    ["a table", nest("key\tvalue\nplan\tpro")],
  ] as [string, string, Record<string, string>?][])("%s", async (_, answer, headers) => {
    vambe.behave(reply(400, answer, headers));
    expect(await upsert()).toMatchObject({ kind: "refused", status: 400, namedFields: ["plan"] });
  });

  test("several of them", async () => {
    vambe.behave(reply(400, nest("Custom field definition keys not found: plan, company")));
    expect(await upsert()).toMatchObject({ kind: "refused", status: 400, namedFields: ["plan", "company"] });
  });

  test("letters beyond ASCII, as they are or escaped", async () => {
    vambe.behave(reply(400, nest("Campos inexistentes: año")));
    expect(await upsert()).toMatchObject({ namedFields: ["año"] });
    vambe.behave(reply(400, nest("Campos inexistentes: año").replace("ñ", "\\u00f1")));
    expect(await upsert()).toMatchObject({ namedFields: ["año"] });
  });

  test("a key inside a longer word is not named", async () => {
    vambe.behave(reply(400, nest("unplanned: planet, companyName, the plans")));
    expect(await upsert()).toMatchObject({ kind: "refused", status: 400, namedFields: [] });
  });

  test("nothing is named where nothing is said", async () => {
    vambe.behave(reply(400));
    expect(await upsert()).toEqual({ kind: "refused", status: 400, namedFields: [] });
  });
});

describe("a web page is no refusal of Vambe's, and is somebody else's: it is tried again", () => {
  const html = { "content-type": "text/html" };
  const page = "<html><head><title>Request blocked</title></head><p>plan";

  test.each([400, 409, 422])("%i", async (status) => {
    vambe.behave(reply(status, page, html));
    const cause = `${status} without JSON`;
    expect(await upsert()).toEqual({ kind: "failed", cause, words: "Request blocked", somebodyElse: true });
  });

  test.each<[string, Misbehaviour]>([
    ["without a type", reply(400, "\n<p>missing plan")],
    ["as JSON", reply(400, "<p>missing plan", { "content-type": "application/json" })],
    ["with nothing in front of it that shows it", reply(400, "Request blocked", html)],
    ["broken off", reset("HTTP/1.1 400 No\r\ncontent-type: text/html\r\ncontent-length: 99\r\n\r\n")],
  ])("%s", async (_, behaviour) => {
    vambe.behave(behaviour);
    expect(await upsert()).toMatchObject({ kind: "failed", somebodyElse: true });
  });

  test("but a body that is too large for somebody on the way will not get smaller", async () => {
    vambe.behave(reply(413, page, html));
    expect(await upsert()).toMatchObject({ kind: "refused", status: 413 });
  });
});

describe("other statuses", () => {
  test.each([401, 403])("%i: the key is not accepted, or the content is not", async (status) => {
    vambe.behave(reply(status, "whatever"));
    expect(await upsert()).toEqual({ kind: "unauthorized", status, words: "whatever" });
  });

  test.each([
    [undefined, undefined],
    ["7", 7000],
    ["100000000", 600_000],
    ["-7", undefined],
    ["tomorrow", undefined],
  ])("429 with Retry-After: %s", async (header, retryAfterMs) => {
    vambe.behave(reply(429, "", header === undefined ? {} : { "retry-after": header }));
    expect(await upsert()).toEqual({ kind: "busy", status: 429, retryAfterMs });
  });

  test("429 with a date", async () => {
    vambe.behave(reply(429, "", { "retry-after": new Date(Date.now() + 60_000).toUTCString() }));
    const verdict = await upsert();
    expect(verdict.kind === "busy" && verdict.retryAfterMs).toBeGreaterThan(30_000);
    expect(verdict.kind === "busy" && verdict.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test.each([408, 500, 502, 503, 504, 599])("%i: to be tried again", async (status) => {
    vambe.behave(reply(status, "<h1>Oops</h1>", { "content-type": "text/html" }));
    expect(await upsert()).toEqual({ kind: "failed", cause: String(status) });
  });

  test.each([404, 405, 410, 421, 501, 511])(
    "%i: to be tried again, and perhaps of somebody else",
    async (status) => {
      vambe.behave(reply(status, '{"message":"Cannot POST /v2"}'));
      expect(await upsert()).toEqual({
        kind: "failed",
        cause: String(status),
        words: "Cannot POST /v2",
        somebodyElse: true,
      });
    },
  );
});

describe("no answer that could be used", () => {
  test("a redirect is not followed, and its target never sees the key", async () => {
    await using elsewhere = await startUpstream(reply(201));
    for (const status of [301, 302, 303, 307, 308]) {
      vambe.behave(reply(status, "", { location: `${elsewhere.url}/stolen` }));
      const words = `leads to ${elsewhere.url}`;
      expect(await upsert()).toEqual({ kind: "failed", cause: String(status), words, somebodyElse: true });
    }
    expect(elsewhere.seen).toEqual([]);
  });

  test("a hanging server, until the deadline", async () => {
    const began = performance.now();
    expect(await upsert(300)).toEqual({ kind: "failed", cause: "TimeoutError" });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test("headers that never end, until the deadline", async () => {
    vambe.behave(write("HTTP/1.1 201 Created\r\nx-more: "));
    expect(await upsert(300)).toEqual({ kind: "failed", cause: "TimeoutError" });
  });

  test.each([
    ["a connection that breaks off", reset()],
    ["a connection that breaks off within the headers", reset("HTTP/1.1 201 Crea")],
    ["something that is not HTTP", write("SSH-2.0-OpenSSH_9.9\r\n\r\n")],
    ["headers without end", write(`HTTP/1.1 201 Created\r\n${"x-a: b\r\n".repeat(20_000)}`)],
  ])("%s", async (_, behaviour) => {
    vambe.behave(behaviour);
    const verdict = await upsert();
    expect(verdict.kind).toBe("failed");
    expect(JSON.stringify(verdict)).not.toContain(API_KEY);
  });

  test("a refused connection", async () => {
    await vambe.close();
    expect(await upsert()).toEqual({ kind: "failed", cause: "ECONNREFUSED" });
  });

  test("a host that does not exist", async () => {
    const client = createVambeClient({ apiUrl: "http://vambe.invalid", apiKey: API_KEY, deadlineMs: 20_000 });
    expect((await client.upsert(body)).kind).toBe("failed");
  });
});

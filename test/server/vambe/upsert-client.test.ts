import { afterEach, beforeEach, describe, expect, test } from "vitest";
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
import { API_KEY, body, upsertAt } from "./one-upsert.ts";

const CONTACT_ID = "df980fc8-b6db-4820-bf22-2969482d106d";

let vambe: Upstream;
beforeEach(async () => {
  vambe = await startUpstream(hang);
});
afterEach(() => vambe.close());

const upsert = (deadlineMs?: number) => upsertAt(vambe, deadlineMs);

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
    expect(await upsert(500)).toEqual({ kind: "confirmed", contactId: undefined });
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
    expect(await upsert(300)).toEqual({ kind: "failed", cause: "TimeoutError" });
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
    expect((await upsertAt({ url: "http://vambe.invalid" }, 20_000)).kind).toBe("failed");
  });
});

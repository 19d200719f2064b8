import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  hang,
  type Misbehaviour,
  reply,
  reset,
  startUpstream,
  type Upstream,
} from "../../support/upstream.ts";
import { upsertAt } from "./one-upsert.ts";

let vambe: Upstream;
beforeEach(async () => {
  vambe = await startUpstream(hang);
});
afterEach(() => vambe.close());

const upsert = (deadlineMs?: number) => upsertAt(vambe, deadlineMs);

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

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerOf } from "../../../server/vambe/answer.ts";
import type { Upsert } from "../../../server/vambe/contract.ts";
import { wordsIn } from "../../../server/vambe/words.ts";

const API_KEY = "key-9f8e7d6c5b4a";
const body: Upsert = {
  channel: "webchat",
  channel_id: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  external_user_id: "user_4711",
  contact_name: 'José "Pepe" Núñez-O’Hara',
  contact_email: "pepe.nunez@mail.example",
  meta_data: { source: "test", verified: true },
  custom_field_values: [
    { key: "plan", value: "Gold plated" },
    { key: "grade", value: "Q" },
    { key: "note", value: "" },
  ],
};

const words = (text: string, sent: Upsert = body, type = "application/json") =>
  wordsIn(
    answerOf(new Response(null, { status: 400, headers: { "content-type": type } }), {
      text,
      complete: true,
    }),
    sent,
    API_KEY,
  );
const message = (said: unknown) =>
  words(JSON.stringify({ statusCode: 400, message: said, error: "Bad Request" }));

describe("what Vambe says is read, in whatever form:", () => {
  test.each([
    ['{"statusCode":400,"message":"Channel not found","error":"Bad Request"}', "Channel not found"],
    [
      '{"message":["stageId must be a UUID","channel must be one of webchat"]}',
      "stageId must be a UUID; channel must be one of webchat",
    ],
    ['{"message":{"text":"no such channel","code":7}}', "text: no such channel"],
    ['{"type":"about:blank","title":"Bad Request","detail":"No such channel"}', "No such channel"],
    ['{"error":"no such channel"}', "no such channel"],
    ['{"error":{"message":"no such channel"}}', "no such channel"],
    ['{"errors":{"channel_id":["unknown"]}}', "channel_id: unknown"],
    ['{"code":"CHANNEL_NOT_FOUND"}', "CHANNEL_NOT_FOUND"],
    ['"no such channel"', "no such channel"],
    ["no such channel", "no such channel"],
    ["<html><head><title>403 Forbidden</title></head><body>for visitors", "403 Forbidden"],
    ["", undefined],
    ["{}", undefined],
    ["<html>", undefined],
    ['{"message":"…"}', undefined],
    // About whom it is does not belong into a log.
    ['{"existing":{"name":"Somebody","phone":"5550001"},"message":"exists"}', "exists"],
    ['{"existing":{"name":"Somebody","phone":"5550001"}}', undefined],
  ])("%s", (answer, said) => expect(words(answer)).toBe(said));

  test("on one line, without control characters, and at most 200 characters", () => {
    expect(message("a\r\nb\u0000c\u001b[31md\u202ee\ud800")).toBe("a b c [31md e�");
    expect([...(message("😀 x".repeat(500)) ?? "")].length).toBe(200);
  });

  test("not where it breaks off, since half a value could not be found in it", () => {
    const answer = answerOf(new Response(null, { status: 400 }), {
      text: "unknown: Gold pla",
      complete: false,
    });
    expect(wordsIn(answer, body, API_KEY)).toBeUndefined();
  });
});

describe("what was sent is cut out of it:", () => {
  test.each([
    [
      "whole",
      `plan Gold plated of user_4711 (pepe.nunez@mail.example) is unknown`,
      "plan … of … (…) is unknown",
    ],
    ["in other letters", "not GOLD PLATED, USER_4711, josé", "not …, …, …"],
    ["within longer words", "xuser_4711x", "x…x"],
    ["a part of a name", "contact Pepe and Mr. O'Hara exist", "contact … and Mr. O'… exist"],
    [
      "a value of one letter, as a word",
      "grade q is no grade of the quality",
      "grade … is no grade of the quality",
    ],
    ["composed of other characters", "Jose\u0301 and Nu\u0301n\u0303ez", "… and …"],
    ["escaped for JSON", JSON.stringify({ name: "Jos\u00e9 Núñez" }).replace("é", "\\u00e9"), '{"name":"…"}'],
    ["escaped for HTML", "not user&#95;4711 &quot;Jos&#xe9;&quot;", 'not … "…"'],
    [
      "escaped for an address",
      "GET /?email=pepe.nunez%40mail.example&plan=Gold%20plated",
      "GET /?email=…&plan=…",
    ],
    ["broken off by Vambe", "value Gold pla... is unknown", "value … is unknown"],
    ["the key", `x-api-key: ${API_KEY} is not known`, "x-api-key: … is not known"],
    [
      "somebody else's email address and phone",
      "belongs to kim@other.example, +56 9 1234 5678",
      "belongs to …, …",
    ],
  ])("%s", (_, said, left) => expect(message(said)).toBe(left));

  describe("however else it is spelled:", () => {
    const sent: Upsert = {
      ...body,
      external_user_id: "user-abc-123",
      contact_name: "José Muñoz Straße",
      contact_email: "j.m@ejemplo.example",
      custom_field_values: [
        { key: "phone", value: "+56 9 8765 4321" },
        { key: "rut", value: "12.345.678-9" },
        { key: "balance", value: "1234567" },
        { key: "pin", value: "42" },
      ],
    };
    test.each([
      ["HTML's names of letters", "contact Jos&eacute; Mu&ntilde;oz exists", "contact … exists"],
      ["names that nobody knows", "contact Jo&scaron;&eacute; exists", "contact … exists"],
      ["escaped twice", "contact Jos&amp;eacute; and Jos&amp;#233; exist", "contact … and … exist"],
      ["bytes", "no Jos\\xe9, Jos\\303\\251, jos%E9, jos%C3%A9", "no …, …, …, …"],
      ["read in another encoding", "contact JosÃ© MuÃ±oz exists", "contact … exists"],
      ["letters that got lost", "contact Jos? Mu?oz, Jos\ufffd Mu??oz exists", "contact …, … exists"],
      ["with what nobody sees in it", "contact J\u200bosé Mu\u00adñoz\u2060 exists", "contact … exists"],
      ["without accents", "slug jose-munoz-strasse, JOSE, STRASSE", "slug …, …, …"],
      ["a phone without a plus", "phone 56987654321 exists", "phone … exists"],
      ["a phone without its country", "phone 987654321, (9) 8765-4321 exists", "phone … exists"],
      ["a number with other separators", "12345678-9, 123456789, 1,234,567, 1.234.567,00 exist", "… exist"],
      ["an id with others, or none", "no user_abc_123, userabc123, 'abc-123'", "no …, …, '…'"],
      [
        "a short number in a word",
        "pin42, pin=42 are wrong, 421 is not",
        "pin…, pin=… are wrong, 421 is not",
      ],
    ])("%s", (_, said, left) => expect(words(JSON.stringify({ message: said }), sent)).toBe(left));

    test("and other numbers stay", () => {
      const said = "code 40012, limit 100000 of 250000 an hour, 2026-03-01";
      expect(words(JSON.stringify({ message: said }), sent)).toBe(said);
    });
  });

  test("and what the operator has set stays: channel, keys of fields", () => {
    const said =
      "channel a1b2c3d4-e5f6-7890-abcd-ef1234567890 has no field plan; contact_name should not be empty";
    expect(message(said)).toBe(said);
  });

  test("a field whose value is its own key is still named", () => {
    const sent: Upsert = { ...body, custom_field_values: [{ key: "plan", value: "plan b" }] };
    expect(words('{"message":"unknown field: plan"}', sent)).toBe("unknown field: plan");
  });

  test("whatever it is, and wherever it stands", () => {
    const value = fc.string({ unit: "grapheme", minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(value, value, value, fc.string(), fc.string(), (name, id, plan, before, after) => {
        const sent: Upsert = {
          ...body,
          external_user_id: id,
          contact_name: name,
          custom_field_values: [{ key: "k", value: plan }],
        };
        const said = words(JSON.stringify({ message: `${before}${name}|${id}|${plan}${after}` }), sent) ?? "";
        for (const secret of [name, id, plan]) {
          if (/^[\p{L}\p{N}]{4,}$/u.test(secret))
            expect(said.toLowerCase()).not.toContain(secret.toLowerCase());
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["many words", Array.from({ length: 9000 }, (_, number) => `w${number}`).join(" ")],
    ["one word", "x".repeat(60_000)],
    ["what may be escaped", "&#x26;%41\\u0041".repeat(4000)],
    ["what was cut out", "jane@example.com ".repeat(3500)],
    ["what may be a phone number", "+1".repeat(30_000)],
    ["what may be a page", "<title".repeat(10_000)],
    ["numbers", "1.2 3".repeat(12_000)],
    ["letters that got lost", "a?".repeat(30_000)],
    ["what may be read in another encoding", "Ã©".repeat(20_000)],
    ["names of letters", "&eacute;&nosuch;".repeat(3500)],
  ])("in time, of an answer as large as any that is read: %s", (_, text) => {
    const sent: Upsert = { ...body, custom_field_values: [{ key: "note", value: text.slice(0, 10_000) }] };
    words(text, sent);
    words(text, sent, "text/html");
    words(JSON.stringify({ message: [text.slice(1), text] }), sent);
  });
});

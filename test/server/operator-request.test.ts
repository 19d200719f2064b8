import { describe, expect, test } from "vitest";
import {
  answerTo,
  operatorRequest,
  readAnswerTo,
  readOperatorRequest,
  type Seen,
} from "../../server/operator-request.ts";
import { dataKeyOf } from "../support/data-key.ts";

const [ours, others] = [dataKeyOf("ours"), dataKeyOf("others")];
const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const seen: Seen = {
  version: "1.2.3",
  publicUrl: "https://id.example.com",
  origin: "https://www.example.com",
  contentLength: "120",
  hops: 1,
  network: "198.51.100.7",
  doubt: null,
  settings: {},
};

describe("an operator's request", () => {
  const request = operatorRequest(ours, NOW);

  test("is known by who has the same key, for five minutes of either clock", () => {
    for (const at of [NOW, NOW + 4 * MINUTE, NOW - 4 * MINUTE])
      expect(readOperatorRequest(ours, request, at)).toEqual(request);
    for (const at of [NOW + 6 * MINUTE, NOW - 6 * MINUTE, Number.NaN])
      expect(readOperatorRequest(ours, request, at)).toBeUndefined();
  });

  test("is nobody's with another key, or where anything of it has been changed", () => {
    expect(readOperatorRequest(others, request, NOW)).toBeUndefined();
    for (const change of [
      { at: NOW + 1 },
      { nonce: "0".repeat(32) },
      { mac: "x".repeat(43) },
      { nonce: `${request.nonce} ` },
    ])
      expect(readOperatorRequest(ours, { ...request, ...change }, NOW)).toBeUndefined();
  });

  test("is not the same twice", () => {
    expect(operatorRequest(ours, NOW)).not.toEqual(operatorRequest(ours, NOW));
  });
});

describe("the answer to it", () => {
  const request = operatorRequest(ours, NOW);
  const answer = answerTo(request, ours, seen);

  test("is read by who has asked", () => {
    expect(readAnswerTo(request, ours, answer)).toEqual(seen);
  });

  test("counts for this request alone, from an exchange with the same key, as it was written", () => {
    expect(readAnswerTo(operatorRequest(ours, NOW), ours, answer)).toBeUndefined();
    expect(readAnswerTo(request, ours, answerTo(request, others, seen))).toBeUndefined();
    expect(
      readAnswerTo(request, ours, { ...answer, seen: answer.seen.replace("1.2.3", "9.9.9") }),
    ).toBeUndefined();
    for (const nothing of [null, "", {}, { seen: 1, mac: 2 }])
      expect(readAnswerTo(request, ours, nothing)).toBeUndefined();
  });
});

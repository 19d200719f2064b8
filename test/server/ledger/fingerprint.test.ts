import { describe, expect, test } from "vitest";
import { createFingerprint } from "../../../server/ledger/fingerprint.ts";

const fingerprint = createFingerprint("key");

describe("a fingerprint", () => {
  test("tells trait, value and API key apart", () => {
    const other = createFingerprint("another key");
    const all = [
      fingerprint("a", "b"),
      fingerprint("b", "a"),
      fingerprint("ab", ""),
      fingerprint("", "ab"),
      other("a", "b"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("is the same in another process, and shows nothing of the value", () => {
    expect(createFingerprint("key")("name", "Jane")).toBe(fingerprint("name", "Jane"));
    expect(fingerprint("name", "Jane")).toMatch(/^[\w-]{22}$/);
  });
});

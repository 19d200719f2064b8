import { describe, expect, test } from "vitest";
import { createFingerprint } from "../../../server/ledger/fingerprint.ts";

const fingerprint = createFingerprint("key");

describe("a fingerprint", () => {
  test("tells trait, value and API key apart", () => {
    const other = createFingerprint("another key");
    const all = [
      fingerprint({ a: "b", ab: "", "": "ab" }),
      fingerprint({ b: "a" }),
      fingerprint({ a: "c" }),
      other({ a: "b" }),
    ].flatMap((digests) => Object.values(digests));
    expect(all.length).toBe(6);
    expect(new Set(all).size).toBe(all.length);
  });

  test("is the same each time and in another process, and shows nothing of the value", () => {
    const traits = { name: "Jane" };
    const digests = fingerprint(traits);
    expect(fingerprint(traits)).toEqual(digests);
    expect(fingerprint({ ...traits })).toEqual(digests);
    expect(createFingerprint("key")(traits)).toEqual(digests);
    expect(digests.name).toMatch(/^[\w-]{22}$/);
  });

  test("of two API keys differs for one and the same claim", () => {
    const traits = { name: "Jane" };
    expect(createFingerprint("another key")(traits)).not.toEqual(fingerprint(traits));
  });
});

import { describe, expect, test } from "vitest";
import { dataKeyOf } from "../../support/data-key.ts";

const key = dataKeyOf("key");
const { fingerprint } = key;

describe("a fingerprint", () => {
  test("tells trait, value and key apart", () => {
    const other = dataKeyOf("another key").fingerprint;
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
    expect(dataKeyOf("key").fingerprint(traits)).toEqual(digests);
    expect(digests.name).toMatch(/^[\w-]{22}$/);
  });

  test("of two keys differs for one and the same claim", () => {
    const traits = { name: "Jane" };
    expect(dataKeyOf("another key").fingerprint(traits)).not.toEqual(fingerprint(traits));
  });
});

describe("what is sealed", () => {
  const user = { channelId: "c", userId: "u" };
  const traits = { name: "Zoë O'Neill 李", "field:plan": "" };

  test("can be opened with the key, and is other bytes each time", () => {
    const sealed = key.seal(user, traits);
    expect(dataKeyOf("key").open(user, sealed)).toEqual(traits);
    expect(key.seal(user, traits)).not.toEqual(sealed);
    expect(Buffer.from(sealed).toString("latin1")).not.toMatch(/Neill|plan/);
  });

  test("cannot be opened with another key, as another user's, or where a bit of it is another", () => {
    const sealed = key.seal(user, traits);
    expect(dataKeyOf("another key").open(user, sealed)).toBeUndefined();
    expect(key.open({ channelId: "c", userId: "v" }, sealed)).toBeUndefined();
    expect(key.open({ channelId: "cu", userId: "" }, sealed)).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const altered = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(key.open(user, altered)).toBeUndefined();
    }
    expect(key.open(user, sealed.subarray(0, 20))).toBeUndefined();
    expect(key.open(user, new Uint8Array())).toBeUndefined();
  });
});

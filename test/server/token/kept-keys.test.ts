import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import {
  ensureKeys,
  isPublished,
  isSigning,
  PUBLISHED_FOR_MS,
  readKeys,
  retireKey,
  rotateKeys,
} from "../../../server/token/kept-keys.ts";
import { dataKeyOf } from "../../support/data-key.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { sharedSecrets } from "./interleaved-ledger.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const LIFE_AND_SKEW_MS = 16 * 60_000;
const signing = (keys: Awaited<ReturnType<typeof readKeys>>) => keys.filter(isSigning).map(({ kid }) => kid);
const publishedAt = (keys: Awaited<ReturnType<typeof readKeys>>, now: number) =>
  keys.filter((key) => isPublished(key, now)).map(({ kid }) => kid);

describe("instances that start at the same moment agree on one key", () => {
  test("whoever of them comes first", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      let state = seed;
      const ledger = sharedSecrets(async () => {
        state = (state * 48271) % 2147483647;
        for (let turns = state % 5; turns > 0; turns--) await turn();
      });
      const all = await Promise.all(Array.from({ length: 8 }, () => ensureKeys(ledger, NOW)));
      expect(new Set(all.flatMap(signing)).size).toBe(1);
      expect(await readKeys(ledger)).toEqual(all[0]);
    }
  });

  test("also when all of them have seen that there is none, before any has written", async () => {
    let reads = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const ledger = sharedSecrets(async (call) => {
      if (call === "read" && ++reads === 8) resolve();
      await promise;
    });
    const all = await Promise.all(Array.from({ length: 8 }, () => ensureKeys(ledger, NOW)));
    expect(new Set(all.flatMap(signing)).size).toBe(1);
  });

  test("also when they are processes, and one file has to be made first", async () => {
    using folder = temporaryFolder();
    const script = `
      import { DataKey } from ${JSON.stringify(import.meta.resolve("../../../server/ledger/data-key.ts"))};
      import { SqliteLedger } from ${JSON.stringify(import.meta.resolve("../../../server/ledger/sqlite/ledger.ts"))};
      import { ensureKeys } from ${JSON.stringify(import.meta.resolve("../../../server/token/kept-keys.ts"))};
      while (Date.now() < ${Date.now() + 3000});
      const ledger = new SqliteLedger(${JSON.stringify(folder.file("keys.db"))}, new DataKey());
      console.log((await ensureKeys(ledger, Date.now())).map(({ kid }) => kid).join());
      await ledger.close();`;
    const start = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    const printed = (await Promise.all([start(), start(), start()])).map(({ stdout }) => stdout.trim());
    expect(printed[0]).toMatch(/^[\w-]{43}$/);
    expect(new Set(printed).size).toBe(1);
  });
});

describe("a rotation", () => {
  test("makes a new key that signs, and keeps the old one published until its last token has expired", async () => {
    const ledger = sharedSecrets();
    const [first] = signing(await ensureKeys(ledger, NOW));
    const keys = await rotateKeys(ledger, NOW);
    const [second] = signing(keys);
    expect(second).not.toBe(first);
    expect(publishedAt(keys, NOW + LIFE_AND_SKEW_MS)).toEqual([first, second]);
    // Another instance may have signed with it for half a minute more.
    expect(publishedAt(keys, NOW + LIFE_AND_SKEW_MS + 30_000 - 1)).toEqual([first, second]);
    expect(publishedAt(keys, NOW + LIFE_AND_SKEW_MS + 30_000)).toEqual([second]);
  });

  test("leaves no private part of a key that does not sign", async () => {
    const ledger = sharedSecrets();
    await ensureKeys(ledger, NOW);
    await rotateKeys(ledger, NOW);
    const keys = await rotateKeys(ledger, NOW + 1);
    expect(keys.map(({ jwk }) => jwk.d !== undefined)).toEqual([false, false, true]);
    expect([...ledger.kept.values()].join().match(/"d":/g)?.length).toBe(1);
  });

  test("forgets the keys whose time is over", async () => {
    const ledger = sharedSecrets();
    const [first] = signing(await ensureKeys(ledger, NOW));
    await rotateKeys(ledger, NOW);
    const keys = await rotateKeys(ledger, NOW + PUBLISHED_FOR_MS);
    expect(keys.length).toBe(2);
    expect(keys.map(({ kid }) => kid)).not.toContain(first);
  });

  test("does not lose the one that another makes at the same moment", async () => {
    const ledger = sharedSecrets(() => turn());
    await ensureKeys(ledger, NOW);
    await Promise.all(Array.from({ length: 5 }, () => rotateKeys(ledger, NOW)));
    const keys = await readKeys(ledger);
    expect(publishedAt(keys, NOW).length).toBe(6);
    expect(signing(keys).length).toBe(1);
  });

  test("and the purge behind it erase the private part from the disk", async () => {
    using folder = temporaryFolder();
    const onDisk = () =>
      readdirSync(folder.path)
        .map((name) => readFileSync(folder.file(name), "latin1"))
        .join("");
    const ledger = new SqliteLedger(folder.file("keys.db"), dataKeyOf("key"), "c");
    const parts = [];
    for (let round = 0; round < 5; round++) {
      const keys = await rotateKeys(ledger, NOW + round);
      parts.push(keys.find(isSigning)?.jwk.d ?? "");
    }
    await ledger.purge();
    const last = parts.pop() ?? "";
    for (const close of [false, true]) {
      if (close) await ledger.close();
      expect(onDisk()).toContain(last);
      expect(parts.filter((part) => onDisk().includes(part))).toEqual([]);
    }
  });
});

describe("a key that has leaked", () => {
  test("is out at once; where it was the one that signs, a new one signs", async () => {
    const ledger = sharedSecrets();
    const [leaked = ""] = signing(await ensureKeys(ledger, NOW));
    const keys = await retireKey(ledger, leaked, NOW);
    expect(publishedAt(keys, NOW)).toEqual(signing(keys));
    expect(signing(keys)).not.toContain(leaked);
    expect(keys.find(({ kid }) => kid === leaked)).toMatchObject({ retiredAt: NOW, publishedUntil: NOW });
    expect(keys.find(({ kid }) => kid === leaked)?.jwk).not.toHaveProperty("d");
  });

  test("after a rotation goes alone, and the one that signs goes on", async () => {
    const ledger = sharedSecrets();
    const [leaked = ""] = signing(await ensureKeys(ledger, NOW));
    const current = signing(await rotateKeys(ledger, NOW + 1));
    const keys = await retireKey(ledger, leaked, NOW + 2);
    expect(publishedAt(keys, NOW + 2)).toEqual(current);
    expect(keys.find(({ kid }) => kid === leaked)).toMatchObject({ retiredAt: NOW + 1 });
  });

  test("that nobody knows is not retired, and nothing changes", async () => {
    const ledger = sharedSecrets();
    const before = await ensureKeys(ledger, NOW);
    for (const kid of ["", "nobody", before[0]?.kid.slice(0, -1) ?? ""])
      await expect(retireKey(ledger, kid, NOW)).rejects.toThrow();
    expect(await readKeys(ledger)).toEqual(before);
  });
});

test.each(["", "{", "[]", "null", '[{"kid":"x"}]', '[{"kid":"x","jwk":{"d":"very-secret"}}]'])(
  "keys that are damaged (%s) are not used, not replaced, and not quoted",
  async (text) => {
    const ledger = sharedSecrets();
    ledger.kept.set("signing-keys", text);
    await expect(ensureKeys(ledger, NOW)).rejects.toThrow(/^the signing keys in the database are damaged$/);
    await expect(rotateKeys(ledger, NOW)).rejects.toThrow(/damaged/);
    expect(ledger.kept.get("signing-keys")).toBe(text);
  },
);

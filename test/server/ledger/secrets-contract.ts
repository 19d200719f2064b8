import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

/** What every ledger promises of what it keeps beside the contacts. `open` gives two ways into one that is empty. */
export function secretsContract(name: string, open: () => Promise<[Ledger, Ledger]>): void {
  describe(`${name} keeps the promises about secrets:`, () => {
    let ledger: Ledger;
    let other: Ledger;
    beforeEach(async () => {
      [ledger, other] = await open();
    });
    afterEach(async () => {
      await ledger.close();
      if (other !== ledger) await other.close();
    });

    test("there is none until one is written, letter by letter", async () => {
      expect(await ledger.readSecret("keys")).toBeUndefined();
      expect(await ledger.replaceSecret("keys", undefined, "'\"\u0000ñ 李")).toBe(true);
      expect(await other.readSecret("keys")).toBe("'\"\u0000ñ 李");
      expect(await other.readSecret("KEYS")).toBeUndefined();
    });

    test("only who has seen what stands there replaces it", async () => {
      expect(await ledger.replaceSecret("keys", "a", "b")).toBe(false);
      expect(await ledger.replaceSecret("keys", undefined, "a")).toBe(true);
      expect(await other.replaceSecret("keys", undefined, "late")).toBe(false);
      expect(await other.replaceSecret("keys", "A", "late")).toBe(false);
      expect(await other.replaceSecret("keys", "", "late")).toBe(false);
      expect(await other.replaceSecret("keys", "a", "b")).toBe(true);
      expect(await ledger.replaceSecret("keys", "a", "late")).toBe(false);
      expect(await ledger.readSecret("keys")).toBe("b");
    });

    test("of many who write at once one is told that he did", async () => {
      for (const before of [undefined, "first"]) {
        if (before) expect(await ledger.replaceSecret("other", undefined, before)).toBe(true);
        const names = Array.from({ length: 20 }, (_, number) => `${number}`);
        const written = await Promise.all(
          names.map((one, number) =>
            (number % 2 ? ledger : other).replaceSecret(before ? "other" : "keys", before, one),
          ),
        );
        expect(written.filter(Boolean).length).toBe(1);
        expect(await ledger.readSecret(before ? "other" : "keys")).toBe(names[written.indexOf(true)]);
      }
    });

    test("a proof serves one of many who use it at once, and nobody after", async () => {
      const uses = await Promise.all(
        Array.from({ length: 50 }, (_, number) =>
          (number % 2 ? ledger : other).useOnce("proof", NOW + 1000, NOW),
        ),
      );
      expect(uses.filter(Boolean).length).toBe(1);
      expect(await other.useOnce("proof", NOW + 1000, NOW + 999)).toBe(false);
      expect(await ledger.useOnce("another", NOW + 1000, NOW)).toBe(true);
    });

    test("a use that is tried again does not live longer for it", async () => {
      expect(await ledger.useOnce("proof", NOW + 1000, NOW)).toBe(true);
      expect(await ledger.useOnce("proof", NOW + 5000, NOW)).toBe(false);
      expect(await ledger.useOnce("proof", NOW + 5000, NOW + 1000)).toBe(true);
    });

    test("uses that have expired are forgotten, and those that have not stay, however many there are", async () => {
      for (let number = 0; number < 250; number++) {
        expect(await ledger.useOnce(`short ${number}`, NOW + 1000, NOW)).toBe(true);
        expect(await ledger.useOnce(`long ${number}`, NOW + 9000, NOW)).toBe(true);
      }
      for (let number = 0; number < 5; number++)
        await ledger.useOnce(`late ${number}`, NOW + 9000, NOW + 1000);
      for (let number = 0; number < 250; number++) {
        expect(await other.useOnce(`long ${number}`, NOW + 9000, NOW + 1000)).toBe(false);
        expect(await other.useOnce(`short ${number}`, NOW + 9000, NOW + 1000)).toBe(true);
      }
    });

    test("the uses of the site's secrets add up, from every side", async () => {
      expect(await ledger.secretUses()).toEqual([]);
      await ledger.countSecretUses([]);
      await ledger.countSecretUses([
        { secret: "a", kid: "", proofs: 2, lastAt: NOW },
        { secret: "a", kid: "k", proofs: 1, lastAt: NOW - 5 },
      ]);
      await other.countSecretUses([
        { secret: "a", kid: "", proofs: 3, lastAt: NOW - 1 },
        { secret: "b", kid: "", proofs: 1, lastAt: NOW + 1 },
      ]);
      expect(await ledger.secretUses()).toEqual([
        { secret: "b", kid: "", proofs: 1, lastAt: NOW + 1 },
        { secret: "a", kid: "", proofs: 5, lastAt: NOW },
        { secret: "a", kid: "k", proofs: 1, lastAt: NOW - 5 },
      ]);
    });
  });
}

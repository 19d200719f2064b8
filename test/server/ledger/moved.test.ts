import { expect, test } from "vitest";
import { moved } from "../../../server/ledger/moved.ts";
import type { Row } from "../../../server/ledger/row.ts";
import { fingerprint } from "./open-row.ts";

/** What the ledgers' contract cannot bring about at once: rows of a backup that was put back, and their proofs. */

const row = (changes: Partial<Row>): Row => ({
  state: "pending",
  verified: true,
  generation: 1,
  pending: {},
  confirmed: {},
  attempts: 0,
  provenAt: 0,
  ...changes,
});
const held = { state: "rejected", held: true } as const;
const from = (changes: Partial<Row> = {}) =>
  row({ pending: { name: "Theirs", "field:plan": "pro" }, ...changes });
const to = (changes: Partial<Row> = {}) => row({ pending: { name: "Ours" }, ...changes });

test("what was held since a backup was put back is older than all else, on either side", () => {
  const fromHeld = moved(from({ ...held, provenAt: 2 }), to({ provenAt: 1 }), fingerprint);
  expect(fromHeld?.pending).toEqual({ name: "Ours", "field:plan": "pro" });
  const toHeld = moved(from({ provenAt: 1 }), to({ ...held, provenAt: 2 }), fingerprint);
  expect(toHeld).toMatchObject({
    state: "pending",
    held: false,
    pending: { name: "Theirs", "field:plan": "pro" },
  });
});

test("what is not known to be newer does not replace what is there", () => {
  for (const [theirs, ours] of [
    [0, 0],
    [5, 0],
    [0, 5],
    [5, 5],
  ])
    expect(
      moved(from({ provenAt: theirs ?? 0 }), to({ provenAt: ours ?? 0 }), fingerprint)?.pending.name,
    ).toBe("Ours");
});

test("what Vambe has confirmed here already is not sent again, also of a newer row", () => {
  const confirmed = fingerprint({ name: "Theirs", "field:plan": "free" });
  const result = moved(from({ provenAt: 9 }), row({ state: "idle", confirmed, provenAt: 1 }), fingerprint);
  expect(result).toMatchObject({ pending: { "field:plan": "pro" }, confirmed, provenAt: 9, generation: 2 });
});

test("a row whose content cannot be read brings nothing", () => {
  expect(moved(from({ pending: {} }), undefined, fingerprint)).toBeUndefined();
});

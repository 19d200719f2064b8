import { describe, expect, test } from "vitest";
import { record } from "../../../server/ledger/rules.ts";
import { claimOf, fingerprint, openRow } from "./open-row.ts";

describe("recording", () => {
  test("the first claim is a change", () => {
    const row = openRow();
    expect(row.ask({ name: "Jane" })).toEqual({ outcome: "changed", generation: 1 });
    expect(row.now()).toMatchObject({ state: "pending", pending: { name: "Jane" }, verified: true });
  });

  test("the same again, before Vambe has it, waits for the first", () => {
    const row = openRow();
    row.ask({ name: "Jane" });
    expect(row.ask({ name: "Jane" })).toEqual({ outcome: "waiting", generation: 1 });
  });

  test("the same again, once Vambe has it, is unchanged and nothing is to be written", () => {
    const row = openRow();
    row.ask({ name: "Jane", email: "j@x.org" });
    row.confirm(row.take());
    expect(row.ask({ name: "Jane", email: "j@x.org" })).toEqual({ outcome: "unchanged", withheld: [] });
    expect(record(row.now(), claimOf({ name: "Jane" }), fingerprint, Date.now()).row).toBeUndefined();
  });

  test("a part of what Vambe has is unchanged", () => {
    const row = openRow();
    row.ask({ name: "Jane", email: "j@x.org", "field:plan": "pro" });
    row.confirm(row.take());
    expect(row.ask({ email: "j@x.org" })).toEqual({ outcome: "unchanged", withheld: [] });
    expect(row.ask({})).toEqual({ outcome: "unchanged", withheld: [] });
  });

  test("a change is sent as the change it is, not with all the rest", () => {
    const row = openRow();
    row.ask({ name: "Jane", "field:plan": "free" });
    row.confirm(row.take());
    expect(row.ask({ name: "Jane", "field:plan": "pro" })).toEqual({ outcome: "changed", generation: 2 });
    expect(row.now().pending).toMatchObject({ "field:plan": "pro" });
  });

  test("a partial claim merged into a pending one loses nothing", () => {
    const row = openRow();
    row.ask({ name: "Jane", email: "old@x.org" });
    row.ask({ email: "new@x.org", "field:plan": "pro" });
    expect(row.now().pending).toEqual({ name: "Jane", email: "new@x.org", "field:plan": "pro" });
  });

  test("an empty value is a value: emptying a plan is a change, once", () => {
    const row = openRow();
    row.ask({ "field:plan": "pro" });
    row.confirm(row.take());
    expect(row.ask({ "field:plan": "" }).outcome).toBe("changed");
    row.confirm(row.take());
    expect(row.ask({ "field:plan": "" }).outcome).toBe("unchanged");
  });

  test("a value moved to another trait is a change", () => {
    const row = openRow();
    row.ask({ "field:a": "x" });
    row.confirm(row.take());
    expect(row.ask({ "field:b": "x" }).outcome).toBe("changed");
  });
});

describe("settling", () => {
  test("what is confirmed is erased, and only its fingerprint stays", () => {
    const row = openRow();
    row.ask({ name: "Jane", email: "jane@x.org" });
    row.confirm(row.take());
    expect(row.now()).toMatchObject({ state: "idle", pending: {}, attempts: 0 });
    expect(JSON.stringify(row.now())).not.toMatch(/jane/i);
  });

  test("an older delivery takes nothing away from newer data", () => {
    const row = openRow();
    row.ask({ name: "A", email: "a@x.org" });
    const older = row.take();
    row.ask({ name: "B" });
    row.confirm(older);
    expect(row.now()).toMatchObject({ state: "pending", generation: 2 });
    expect(row.now().pending).toMatchObject({ name: "B" });
  });

  test("a failure keeps everything and counts", () => {
    const row = openRow();
    row.ask({ name: "A" });
    row.end(row.take(), { kind: "retry", at: 0, error: "500" });
    row.end(row.take(), { kind: "retry", at: 0, error: "500" });
    expect(row.now()).toMatchObject({ state: "pending", pending: { name: "A" }, attempts: 2 });
  });

  test("a field that does not exist is withheld, and named to whoever asks again", () => {
    const row = openRow();
    row.ask({ name: "A", "field:plan": "pro" });
    row.confirm(row.take(), { name: "A" });
    expect(row.now()).toMatchObject({ state: "withheld", pending: { "field:plan": "pro" } });
    expect(row.ask({ name: "A", "field:plan": "pro" })).toEqual({
      outcome: "unchanged",
      withheld: ["field:plan"],
    });
    expect(row.ask({ "field:plan": "free" }).outcome).toBe("changed");
  });

  test("a withheld field goes along with the next change", () => {
    const row = openRow();
    row.ask({ name: "A", "field:plan": "pro" });
    row.confirm(row.take(), { name: "A" });
    row.ask({ name: "B" });
    expect(row.take().traits).toEqual({ name: "B", "field:plan": "pro" });
  });

  test("what Vambe refuses for good stays to be seen, and a change gives it another chance", () => {
    const row = openRow();
    row.ask({ name: "A" });
    row.end(row.take(), { kind: "rejected", error: "refused (400)" });
    expect(row.now()).toMatchObject({ state: "rejected", pending: { name: "A" } });
    expect(row.ask({ name: "A" }).outcome).toBe("rejected");
    expect(row.now().state).toBe("rejected");
    row.ask({ name: "B" });
    expect(row.now()).toMatchObject({ state: "pending", pending: { name: "B" }, attempts: 0 });
  });

  test("a refusal of older data does not stop the newer", () => {
    const row = openRow();
    row.ask({ name: "A" });
    const older = row.take();
    row.ask({ name: "B" });
    row.end(older, { kind: "rejected", error: "refused (400)" });
    expect(row.now()).toMatchObject({ state: "pending", pending: { name: "B" } });
  });
});

describe("what anyone can say", () => {
  test("never touches what has been proven, pending or confirmed", () => {
    const row = openRow();
    row.ask({ name: "Jane", verified: "true" });
    row.ask({ name: "Mallory", email: "m@x.org", verified: "false" }, false);
    expect(row.now().pending).toEqual({ name: "Jane", verified: "true" });
    row.confirm(row.take());
    expect(row.ask({ name: "Mallory", verified: "false" }, false).outcome).toBe("unchanged");
    expect(row.now()).toMatchObject({ state: "idle", verified: true });
  });

  test("is replaced by what is proven", () => {
    const row = openRow();
    row.ask({ name: "Mallory", verified: "false" }, false);
    row.confirm(row.take());
    expect(row.ask({ name: "Jane", verified: "true" }).outcome).toBe("changed");
    expect(row.now()).toMatchObject({ verified: true, pending: { name: "Jane", verified: "true" } });
  });

  test("and has not left yet, does not leave in the company of what is proven", () => {
    const row = openRow();
    row.ask({ email: "mallory@x.org", verified: "false" }, false);
    row.ask({ name: "Jane", verified: "true" });
    expect(row.now().pending).toEqual({ name: "Jane", verified: "true" });
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContactTraits } from "../../../server/ledger/contact-traits.ts";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";
import { type Delivery, LEASE_MS, LONGEST_WAIT_MS, WOKEN_UP_TO } from "../../../server/ledger/row.ts";
import { nameOf } from "../../../server/ledger/user-key.ts";
import { eventually } from "../../support/eventually.ts";
import { takeOne } from "../../support/take-one.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const userKey = (userId: string) => ({ channelId, userId });

/** What every ledger promises, wherever it keeps its rows. `open` gives one that is empty. */
export function ledgerContract(name: string, open: () => Promise<Ledger>): void {
  describe(`${name} keeps the ledger's promises:`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await open();
    });
    afterEach(() => ledger.close());

    const ask = (userId: string, traits: ContactTraits, now = NOW, verified = true) =>
      ledger.record({ ...userKey(userId), traits, verified }, now);
    const take = async (userId: string, now = NOW): Promise<Delivery> => {
      const delivery = await takeOne(ledger, userKey(userId), now);
      if (!delivery) throw new Error(`${userId} is not to be had`);
      return delivery;
    };
    const confirm = (delivery: Delivery, sent: ContactTraits = delivery.traits, now = NOW) =>
      ledger.settle(delivery, { kind: "delivered", sent, contactId: undefined }, now);
    const fail = (delivery: Delivery, at: number, now = NOW) =>
      ledger.settle(delivery, { kind: "retry", at, error: "500" }, now);

    test("a claim is changed, then waiting, then unchanged", async () => {
      expect(await ask("u", { name: "Jane" })).toEqual({ outcome: "changed", generation: 1 });
      expect(await ask("u", { name: "Jane" })).toEqual({ outcome: "waiting", generation: 1 });
      await confirm(await take("u"));
      expect(await ask("u", { name: "Jane" })).toEqual({ outcome: "unchanged", withheld: [] });
    });

    test("what an older proof says does not come back, and what a newer one has said without a change counts", async () => {
      const say = (plan: string, ago: number) =>
        ledger.record({ ...userKey("u"), traits: { plan }, verified: true, provenAt: NOW - ago }, NOW);
      await say("free", 90_000);
      await confirm(await take("u"));
      expect(await say("free", 5000)).toEqual({ outcome: "unchanged", withheld: [] });
      expect(await say("premium", 60_000)).toEqual({
        outcome: "unchanged",
        withheld: [],
        outdated: ["plan"],
      });
      expect((await say("premium", 4000)).outcome).toBe("changed");
      expect(await say("free", 5000)).toEqual({ outcome: "waiting", generation: 2, outdated: ["plan"] });
      expect((await take("u")).traits).toEqual({ plan: "premium" });
    });

    test("a proof from a clock that is hours ahead holds nothing up", async () => {
      const say = (plan: string, provenAt: number) =>
        ledger.record({ ...userKey("u"), traits: { plan }, verified: true, provenAt }, NOW);
      await say("free", NOW + 3 * 3600_000);
      expect((await say("pro", NOW)).outcome).toBe("changed");
      expect((await say("free", NOW - 1000)).outcome).toBe("waiting");
    });

    test("users and channels are told apart, letter by letter", async () => {
      const ids = ["u", "U", "u ", "ú", "u\u0301", "%", "_", "'; --", "__proto__", "1", "01"];
      for (const id of ids) expect((await ask(id, { name: id })).outcome).toBe("changed");
      const other = { channelId: "00000000-0000-0000-0000-000000000000", userId: "u" };
      expect((await ledger.record({ ...other, traits: {}, verified: true }, NOW)).outcome).toBe("changed");
      for (const id of ids) expect((await take(id)).traits).toEqual({ name: id });
      expect((await ledger.outbox()).pending).toBe(ids.length + 1);
    });

    test("rows of another channel are kept, named, and not carried", async () => {
      const other = {
        channelId: "00000000-0000-0000-0000-000000000000",
        traits: { name: "O" },
        verified: true,
      };
      for (let at = 0; at < 5; at++) await ledger.record({ ...other, userId: `o${at}` }, NOW - 60_000);
      expect(await ledger.takeNext(NOW)).toBeUndefined();
      expect(await ledger.nextDueAt(NOW)).toBeUndefined();
      expect(await ledger.oldestPending()).toBeUndefined();
      await ask("u", { name: "Jane", "field:plan": "pro" });
      await ledger.wakeAll(NOW);
      const own = await ledger.takeNext(NOW);
      expect(own).toMatchObject(userKey("u"));
      expect(await ledger.takeNext(NOW)).toBeUndefined();
      // What is withheld from others is not what finds out whether a field exists by now.
      const foreign = { ...other, userId: "withheld", traits: { "field:plan": "pro" } };
      await ledger.record(foreign, NOW);
      expect(await ledger.takeWithheld("plan", NOW)).toBeUndefined();
      expect(await ledger.ofOtherChannels(100)).toEqual({ rows: 6, channels: [other.channelId] });
      expect(await ledger.ofOtherChannels(3)).toEqual({ rows: 3, channels: [other.channelId] });
    });

    test("values come back as they went in", async () => {
      const traits = {
        name: "José 李 👩‍👩‍👧 \u202e",
        email: "'\"\\",
        "field:plan": "",
        "field:año": "x".repeat(1000),
      };
      await ask("u", traits);
      const lease = expect.any(Number);
      expect(await take("u")).toEqual({ ...userKey("u"), generation: 1, lease, traits, attempts: 0 });
    });

    test("a row that is under way is not given out twice, until its lease has run out", async () => {
      await ask("u", { name: "Jane" });
      expect(await ledger.takeNext(NOW)).toBeDefined();
      expect(await ledger.takeNext(NOW)).toBeUndefined();
      expect(await takeOne(ledger, userKey("u"), NOW + LEASE_MS - 1)).toBeUndefined();
      expect(await takeOne(ledger, userKey("u"), NOW + LEASE_MS)).toBeDefined();
    });

    test("of several rows those are taken that are due, each of them once", async () => {
      for (const userId of ["a", "b", "under way", "later", "other"]) await ask(userId, { name: userId });
      await take("under way");
      await fail(await take("later"), NOW + 60_000);
      const taken = await ledger.take(["a", "under way", "nobody", "b", "later", "a"].map(userKey), NOW);
      expect(taken.map(({ userId, traits }) => [userId, traits]).sort()).toEqual([
        ["a", { name: "a" }],
        ["b", { name: "b" }],
      ]);
      for (const delivery of taken) await confirm(delivery);
      expect(await ask("a", { name: "a" })).toEqual({ outcome: "unchanged", withheld: [] });
      expect((await ledger.take(["a", "other"].map(userKey), NOW)).map(({ userId }) => userId)).toEqual([
        "other",
      ]);
      expect(await ledger.take([], NOW)).toEqual([]);
    });

    test("what is newer does not wait for what has failed", async () => {
      await ask("u", { name: "A" });
      const older = await take("u");
      await ask("u", { name: "B" });
      await fail(older, NOW + 3600_000);
      const newer = await ledger.takeNext(NOW);
      expect(newer).toMatchObject({ generation: 2, traits: { name: "B" }, attempts: 0 });
    });

    test("who has lost his lease to another settles nothing, whatever came of it", async () => {
      await ask("u", { name: "A" });
      const slow = await take("u");
      const later = NOW + LEASE_MS;
      const next = await take("u", later);
      await confirm(slow, slow.traits, later);
      await fail(slow, later + 60_000, later);
      await ledger.settle(slow, { kind: "rejected", error: "refused (400)" }, later);
      expect(await ledger.outbox()).toEqual({ pending: 1, withheld: 0, rejected: 0 });
      expect(await takeOne(ledger, userKey("u"), later)).toBeUndefined();
      await confirm(next, next.traits, later);
      expect((await ask("u", { name: "A" }, later)).outcome).toBe("unchanged");
    });

    test("who is late and has not lost his lease settles all the same", async () => {
      await ask("u", { name: "A" });
      const slow = await take("u");
      await confirm(slow, slow.traits, NOW + LEASE_MS * 5);
      expect((await ask("u", { name: "A" })).outcome).toBe("unchanged");
    });

    test("newer data does not break into a lease, and is due as soon as that ends", async () => {
      await ask("u", { name: "A" });
      const older = await take("u");
      expect(await ask("u", { name: "B" })).toEqual({ outcome: "changed", generation: 2 });
      expect(await takeOne(ledger, userKey("u"), NOW)).toBeUndefined();
      await confirm(older);
      expect((await take("u")).traits).toEqual({ name: "B" });
    });

    test("a failed row waits until it is due, keeps its data and counts", async () => {
      await ask("u", { name: "Jane" });
      await fail(await take("u"), NOW + 5000);
      expect(await ledger.takeNext(NOW + 4999)).toBeUndefined();
      expect(await ledger.nextDueAt(NOW)).toBe(NOW + 5000);
      expect(await ledger.takeNext(NOW + 5000)).toMatchObject({ traits: { name: "Jane" }, attempts: 1 });
    });

    test("new data makes a waiting row due at once", async () => {
      await ask("u", { name: "A" });
      await fail(await take("u"), NOW + 60_000);
      await ask("u", { name: "B" }, NOW + 1);
      expect(await ledger.takeNext(NOW + 1)).toMatchObject({ traits: { name: "B" }, attempts: 0 });
    });

    test("the row that has been due the longest comes first", async () => {
      await ask("b", { name: "B" }, NOW);
      await ask("a", { name: "A" }, NOW + 1);
      await ask("c", { name: "C" }, NOW - 1);
      const order = [];
      for (let row = await ledger.takeNext(NOW + 2); row; row = await ledger.takeNext(NOW + 2))
        order.push(row.userId);
      expect(order).toEqual(["c", "b", "a"]);
    });

    test("waking all makes every waiting row due, and does not break leases", async () => {
      for (const id of ["a", "b"]) {
        await ask(id, { name: id });
        await fail(await take(id), NOW + 60_000);
      }
      await ask("c", { name: "c" });
      await take("c");
      await ledger.wakeAll(NOW);
      expect([(await ledger.takeNext(NOW))?.userId, (await ledger.takeNext(NOW))?.userId].sort()).toEqual([
        "a",
        "b",
      ]);
      expect(await ledger.takeNext(NOW)).toBeUndefined();
    });

    test("waking all leaves another channel's rows in back-off", async () => {
      const other = { channelId: "00000000-0000-0000-0000-000000000000", userId: "o" };
      await ledger.record({ ...other, traits: { name: "O" }, verified: true }, NOW);
      const delivery = await takeOne(ledger, other, NOW);
      if (!delivery) throw new Error("it is not to be had");
      await fail(delivery, NOW + 60_000);
      await ask("u", { name: "Jane" });
      await fail(await take("u"), NOW + 60_000);
      await ledger.wakeAll(NOW);
      expect(await takeOne(ledger, other, NOW)).toBeUndefined();
      expect(await takeOne(ledger, userKey("u"), NOW)).toBeDefined();
      expect(await takeOne(ledger, other, NOW + 60_000)).toBeDefined();
    });

    test("waking all leaves those alone that have failed again and again: the fault may be theirs", async () => {
      await ask("u", { name: "Jane" });
      for (let failed = 0; failed <= WOKEN_UP_TO; failed++) await fail(await take("u"), NOW);
      await fail(await take("u"), NOW + 60_000);
      await ledger.wakeAll(NOW);
      expect(await ledger.takeNext(NOW)).toBeUndefined();
      expect(await ledger.takeNext(NOW + 60_000)).toBeDefined();
    });

    test("after the clock was put back, nothing waits longer than it ever may", async () => {
      await ask("u", { name: "Jane" });
      await fail(await take("u"), NOW + LONGEST_WAIT_MS);
      const yearBefore = NOW - 365 * 24 * 3600_000;
      expect(await ledger.nextDueAt(yearBefore)).toBeLessThanOrEqual(yearBefore + LONGEST_WAIT_MS);
      expect(await ledger.takeNext(yearBefore)).toBeDefined();
    });

    test("after the clock was put back, a lease of the future does not hold a row for ever", async () => {
      await ask("u", { name: "Jane" });
      await take("u");
      expect(await ledger.takeNext(NOW - 365 * 24 * 3600_000)).toBeDefined();
    });

    test("after the clock was put back, a row that was withheld under a lease is taken all the same", async () => {
      await ask("u", { "field:plan": "pro" });
      await confirm(await take("u"), {});
      expect(await ledger.takeWithheld("plan", NOW)).toBeDefined();
      expect(await ledger.takeWithheld("plan", NOW - 365 * 24 * 3600_000)).toBeDefined();
    });

    test("nothing is due where nothing waits", async () => {
      expect(await ledger.nextDueAt(NOW)).toBeUndefined();
      await ask("u", { name: "Jane" });
      await confirm(await take("u"));
      expect(await ledger.nextDueAt(NOW)).toBeUndefined();
      expect(await ledger.takeNext(NOW + LONGEST_WAIT_MS * 2)).toBeUndefined();
    });

    test("rejected rows wait for a person: they are counted and never given out", async () => {
      await ask("u", { name: "Jane" });
      await ledger.settle(await take("u"), { kind: "rejected", error: "refused (400)" }, NOW);
      expect(await ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 1 });
      expect(await ledger.takeNext(NOW + LONGEST_WAIT_MS * 2)).toBeUndefined();
      expect(await ask("u", { name: "Jane" })).toEqual({ outcome: "rejected" });
      expect((await ask("u", { name: "Joan" })).outcome).toBe("changed");
      expect((await take("u")).traits).toEqual({ name: "Joan" });
    });

    test("what was rejected since a time is due again when that was about all, with its failures; what was rejected before stays", async () => {
      const reject = async (userId: string, now: number) => {
        await ask(userId, { name: userId }, NOW);
        await ledger.settle(await take(userId, now), { kind: "rejected", error: "refused (400)" }, now);
      };
      await reject("before", NOW);
      await reject("first", NOW + 60_000);
      await reject("last", NOW + 90_000);
      await ask("waiting", { name: "x" });
      await fail(await take("waiting", NOW + 90_000), NOW + 200_000, NOW + 90_000);
      await ledger.reopen(NOW + 60_000, NOW + 100_000);
      expect(await ledger.outbox()).toEqual({ pending: 3, withheld: 0, rejected: 1 });
      expect(await ledger.takeNext(NOW + 100_000, { isUntried: true })).toBeUndefined();
      const taken = [await ledger.takeNext(NOW + 100_000), await ledger.takeNext(NOW + 100_000)];
      expect(taken.map((row) => row?.userId).sort()).toEqual(["first", "last"]);
      expect(taken.map((row) => row?.attempts)).toEqual([1, 1]);
      expect(await ledger.takeNext(NOW + 100_000)).toBeUndefined();
      expect(await ask("before", { name: "before" })).toEqual({ outcome: "rejected" });
      await ledger.reopen(NOW + 100_000, NOW + 110_000);
      expect((await ledger.outbox()).rejected).toBe(1);
    });

    test("of more rejected rows than one step takes, all are due again", async () => {
      const ids = Array.from({ length: 2050 }, (_, number) => `u${number}`);
      await Promise.all(ids.map((id) => ask(id, { name: "x" })));
      const ends: Promise<void>[] = [];
      for (let row = await ledger.takeNext(NOW); row; row = await ledger.takeNext(NOW)) {
        ends.push(ledger.settle(row, { kind: "rejected", error: "refused (400)" }, NOW));
        // Some at once; those that are under way have to be passed over.
        if (ends.length % 50 === 0) await Promise.all(ends);
      }
      await Promise.all(ends);
      await ledger.reopen(NOW, NOW + 1);
      await eventually("all are due", async () => (await ledger.outbox()).pending === ids.length);
    });

    test("what is not to be sent any more is dropped, what else was left out waits", async () => {
      await ask("u", { name: "Jane", "field:plan": "pro", "field:tier": "gold" });
      const delivery = await take("u");
      const settlement = { kind: "delivered", sent: { name: "Jane" }, contactId: undefined } as const;
      await ledger.settle(delivery, { ...settlement, dropped: ["field:tier"] }, NOW);
      expect(await ledger.entries({ limit: 9 })).toMatchObject([
        { state: "withheld", traits: ["field:plan"] },
      ]);
      expect(await ledger.takeWithheld("tier", NOW)).toBeUndefined();
    });

    test("whoever is passed over is not taken, however long that row has been due", async () => {
      for (const id of ["a b", "'; --", "c"]) await ask(id, { name: id });
      const except = ["a b", "'; --"].map((id) => nameOf(userKey(id)));
      expect((await ledger.takeNext(NOW, { except }))?.userId).toBe("c");
      expect(await ledger.takeNext(NOW, { except })).toBeUndefined();
      expect((await ledger.takeNext(NOW, { except: except.slice(1) }))?.userId).toBe("a b");
      expect((await ledger.takeNext(NOW))?.userId).toBe("'; --");
    });

    test("of those that have not failed before, none that has is taken", async () => {
      for (const id of ["a", "b"]) await ask(id, { name: id });
      await fail(await take("a"), NOW);
      expect((await ledger.takeNext(NOW, { isUntried: true }))?.userId).toBe("b");
      expect(await ledger.takeNext(NOW, { isUntried: true })).toBeUndefined();
      expect((await ledger.takeNext(NOW))?.userId).toBe("a");
    });

    test("a field that Vambe has taken once is known to be one, however many users there are", async () => {
      expect(await ledger.wasEverTaken("plan")).toBe(false);
      for (const key of ["plan", "plan", 'a"b']) await ledger.markTaken(key);
      await ledger.markMissing({ key: "plan", probeAt: NOW, attempts: 1 });
      await ledger.clearMissing("plan", NOW);
      const taken = ["plan", "name", "field:plan", "pla", 'a"b', "%"].map((key) => ledger.wasEverTaken(key));
      expect(await Promise.all(taken)).toEqual([true, false, false, false, true, false]);
      expect(await ledger.missingFields()).toEqual([]);
    });

    test("what Vambe said stays with the row, until it takes all", async () => {
      const error = "refused (400): … is not a plan";
      await ask("u", { name: "Jane", "field:plan": "pro" });
      const retryAt = NOW + 5;
      const sent = { name: "Jane" };
      await ledger.settle(
        await take("u"),
        { kind: "delivered", sent, contactId: undefined, refused: true, error, retryAt },
        NOW,
      );
      expect(await ledger.lastErrors(5)).toEqual([{ error, rows: 1 }]);
      await confirm(await take("u", NOW + 10_000));
      await ask("u", { name: "Joan" });
      expect((await ledger.entries({ limit: 1 }))[0]?.lastError).toBeUndefined();
    });

    test("a missing field is remembered, and forgotten once it exists", async () => {
      await ask("u", { name: "Jane", "field:plan": "pro" });
      await confirm(await take("u"), { name: "Jane" });
      await ledger.markMissing({ key: "plan", probeAt: NOW + 1, attempts: 1 });
      await ledger.markMissing({ key: "plan", probeAt: NOW + 2, attempts: 2 });
      expect(await ledger.missingFields()).toEqual([{ key: "plan", probeAt: NOW + 2, attempts: 2 }]);
      expect(await ledger.outbox()).toEqual({ pending: 0, withheld: 1, rejected: 0 });
      expect(await ledger.takeNext(NOW + LONGEST_WAIT_MS)).toBeUndefined();
      await ledger.clearMissing("plan", NOW);
      expect(await ledger.missingFields()).toEqual([]);
      expect((await take("u")).traits).toEqual({ "field:plan": "pro" });
    });

    test("a withheld row can be taken out to look, by one at a time", async () => {
      await ask("u", { name: "Jane", "field:plan": "pro" });
      await confirm(await take("u"), { name: "Jane" });
      const look = await ledger.takeWithheld("plan", NOW);
      expect(look).toMatchObject({ userId: "u", traits: { "field:plan": "pro" } });
      expect(await ledger.takeWithheld("plan", NOW)).toBeUndefined();
      if (look) await confirm(look, {});
      expect(await ledger.takeWithheld("plan", NOW)).toBeDefined();
    });

    test("to look for a field, only rows that have a value for it are taken out, each in its turn", async () => {
      const withhold = async (userId: string, field: string) => {
        await ask(userId, { [field]: "x" });
        await confirm(await take(userId), {});
      };
      await withhold("a", "field:company");
      await withhold("b", "field:plan");
      await withhold("c", "field:plan");
      await withhold("d", "field:planet");
      const looked = [];
      for (let turn = 1; turn <= 4; turn++) {
        const look = await ledger.takeWithheld("plan", NOW + turn);
        if (look) await confirm(look, {}, NOW + turn);
        looked.push(look?.userId);
      }
      expect(looked).toEqual(["b", "c", "b", "c"]);
      await ledger.clearMissing("plan", NOW);
      expect(await ledger.outbox()).toEqual({ pending: 2, withheld: 2, rejected: 0 });
    });

    test("what Vambe did not take from one row alone is tried again when that is due", async () => {
      await ask("u", { name: "Jane", "field:plan": "gold-plated" });
      const settlement = {
        kind: "delivered",
        contactId: undefined,
        refused: true,
        retryAt: NOW + 5000,
      } as const;
      await ledger.settle(await take("u"), { ...settlement, sent: { name: "Jane" } }, NOW);
      expect(await ledger.takeNext(NOW + 4999)).toBeUndefined();
      expect(await ledger.takeNext(NOW + 5000)).toMatchObject({
        traits: { "field:plan": "gold-plated" },
        attempts: 1,
      });
    });

    test("unproven claims do not touch proven rows", async () => {
      await ask("u", { name: "Jane" });
      await confirm(await take("u"));
      expect(await ask("u", { name: "Mallory" }, NOW, false)).toEqual({
        outcome: "unchanged",
        withheld: [],
        overruled: true,
      });
      expect((await ledger.outbox()).pending).toBe(0);
    });

    test("settling a row that is not there is nothing", async () => {
      await confirm({ ...userKey("nobody"), generation: 1, lease: 0, traits: { name: "x" }, attempts: 0 });
      expect(await ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 0 });
    });
  });
}

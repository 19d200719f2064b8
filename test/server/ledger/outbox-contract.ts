import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContactTraits } from "../../../server/ledger/contact-traits.ts";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";
import type { Delivery, Settlement } from "../../../server/ledger/row.ts";
import { takeOne } from "../../support/take-one.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const otherChannel = "00000000-0000-0000-0000-000000000000";
const SECONDS = 1000;

/** What every ledger promises to an operator, wherever it keeps its rows. `open` gives one that is empty. */
export function outboxContract(name: string, open: () => Promise<Ledger>): void {
  describe(`${name} shows its outbox:`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await open();
    });
    afterEach(() => ledger.close());

    const ask = (userId: string, traits: ContactTraits, now = NOW, channel = channelId) =>
      ledger.record({ channelId: channel, userId, traits, verified: true }, now);
    const take = async (userId: string, now = NOW): Promise<Delivery> => {
      const delivery = await takeOne(ledger, { channelId, userId }, now);
      if (!delivery) throw new Error(`${userId} is not to be had`);
      return delivery;
    };
    const end = async (userId: string, settlement: Settlement, now = NOW) =>
      ledger.settle(await take(userId, now), settlement, now);
    const delivered = (sent: ContactTraits): Settlement => ({
      kind: "delivered",
      sent,
      contactId: undefined,
    });
    const due = async (now = NOW) => {
      const ids = [];
      for (let row = await ledger.takeNext(now); row; row = await ledger.takeNext(now)) ids.push(row.userId);
      return ids.sort();
    };

    /** One row in each state: pending with a failure, withheld, rejected, and delivered. */
    const fill = async () => {
      await ask("failed", { name: "Jane", email: "jane@example.com" }, NOW);
      await end("failed", { kind: "retry", at: NOW + 60 * SECONDS, error: "500" });
      await ask("withheld", { name: "Jane", "field:plan": "pro" }, NOW + 1);
      await end("withheld", delivered({ name: "Jane" }), NOW + 1);
      await ledger.markMissing({ key: "plan", probeAt: NOW + 60 * SECONDS, attempts: 1 });
      await ask("rejected", { name: "Jane" }, NOW + 2);
      await end("rejected", { kind: "rejected", error: "refused (400)" }, NOW + 2);
      await ask("done", { name: "Jane" }, NOW + 3);
      await end("done", delivered({ name: "Jane" }), NOW + 3);
    };

    test("an empty one", async () => {
      expect(await ledger.oldestPending()).toBeUndefined();
      expect(await ledger.lastErrors(5)).toEqual([]);
      expect(await ledger.entries({ limit: 10 })).toEqual([]);
      expect(await ledger.retry(undefined, NOW)).toBe(0);
      expect(await ledger.forget("nobody")).toBe(false);
    });

    test("the rows of each channel that is carried, and those of the others, apart", async () => {
      const [own, second, third] = [channelId, "whatsapp:+5511300000000", otherChannel];
      for (const [at, channel] of [own, second, third].entries())
        await ask(`in-${at}`, { name: "Jane" }, NOW + at, channel);
      const carried = ledger.carrying(second);
      expect(await carried.oldestPending()).toBe(NOW + 1);
      expect((await carried.ofOtherChannels(10)).channels.sort()).toEqual([own, third].sort());
      const delivery = await carried.takeNext(NOW + 9);
      expect(delivery).toMatchObject({ channelId: second, userId: "in-1" });
      expect(await carried.takeNext(NOW + 9)).toBeUndefined();
      if (delivery)
        await carried.settle(delivery, { kind: "retry", at: NOW + 60 * SECONDS, error: "500" }, NOW + 9);
      expect(await carried.nextDueAt(NOW + 9)).toBe(NOW + 60 * SECONDS);
      await carried.wakeAll(NOW + 20 * SECONDS);
      expect(await carried.takeNext(NOW + 20 * SECONDS)).toMatchObject({ userId: "in-1", attempts: 1 });
      expect((await ledger.ofOtherChannels(10)).channels.sort()).toEqual([second, third].sort());
      expect(await ledger.takeNext(NOW + 9)).toMatchObject({ userId: "in-0" });
    });

    test("of a contact on WhatsApp, the phone beside what is left to be sent, and nothing alone", async () => {
      const key = { channelId: "whatsapp:+5511300000000", userId: "u" };
      const phone = "+5511987654321";
      await ledger.record(
        { ...key, verified: true, traits: { name: "Jane", phone, "field:plan": "pro" } },
        NOW,
      );
      const first = await takeOne(ledger, key, NOW);
      if (first) await ledger.settle(first, delivered({ name: "Jane", phone }), NOW);
      const [left] = await ledger.entries({ limit: 10 });
      expect(left?.traits.toSorted()).toEqual(["field:plan", "phone"]);
      await ledger.retry("u", NOW);
      const second = await ledger.carrying(key.channelId).takeWithheld("plan", NOW);
      expect(second?.traits).toEqual({ phone, "field:plan": "pro" });
      if (second) await ledger.settle(second, delivered({ phone, "field:plan": "pro" }), NOW);
      expect(await ledger.entries({ limit: 10 })).toEqual([]);
    });

    test("many claims at once: what becomes of each, what would, and how they stand", async () => {
      const claim = (userId: string, traits: ContactTraits) => ({
        channelId,
        userId,
        verified: true,
        traits,
      });
      await ask("known", { name: "Jane" });
      await end("known", delivered({ name: "Jane" }));
      await ask("refused", { name: "Jane" });
      await end("refused", { kind: "rejected", error: "refused (400)" });
      const claims = ["new", "known", "changed", "refused"].map((id) => claim(id, { name: "Jane" }));
      await ask("changed", { name: "Joan" });
      await end("changed", delivered({ name: "Joan" }));
      const outcomes = ["changed", "unchanged", "changed", "rejected"];
      expect((await ledger.foresee(claims, NOW)).map(({ outcome }) => outcome)).toEqual(outcomes);
      expect(await ledger.standingOf([{ channelId, userId: "new" }])).toEqual([]);
      expect((await ledger.recordAll(claims, NOW)).map(({ outcome }) => outcome)).toEqual(outcomes);
      outcomes.splice(0, 3, "waiting", "unchanged", "waiting");
      expect((await ledger.recordAll(claims, NOW)).map(({ outcome }) => outcome)).toEqual(outcomes);
      const standing = await ledger.standingOf(claims);
      expect(standing.map(({ userId, state }) => `${userId} ${state}`).sort()).toEqual([
        "changed pending",
        "known idle",
        "new pending",
        "refused rejected",
      ]);
      expect(standing.find(({ userId }) => userId === "refused")).toMatchObject({
        attempts: 1,
        lastError: "refused (400)",
        traits: ["name"],
      });
      expect(await ledger.recordAll([], NOW)).toEqual([]);
      expect(await due()).toEqual(["changed", "new"]);
    });

    test("what waits, the longest first, with the names of its traits and never their values", async () => {
      await fill();
      const entries = await ledger.entries({ limit: 10 });
      expect(entries).toEqual([
        {
          channelId,
          userId: "failed",
          state: "pending",
          since: NOW,
          attempts: 1,
          dueAt: NOW + 60 * SECONDS,
          lastError: "500",
          traits: expect.toSatisfy((traits: string[]) => `${traits.toSorted()}` === "email,name"),
        },
        expect.objectContaining({ userId: "withheld", state: "withheld", traits: ["field:plan"] }),
        expect.objectContaining({ userId: "rejected", state: "rejected", lastError: "refused (400)" }),
      ]);
      expect(JSON.stringify(entries)).not.toMatch(/jane/i);
      expect((await ledger.entries({ state: "rejected", limit: 10 })).map(({ userId }) => userId)).toEqual([
        "rejected",
      ]);
      expect((await ledger.entries({ limit: 1 })).map(({ userId }) => userId)).toEqual(["failed"]);
    });

    test("the errors that the last tries ended with, the most frequent first", async () => {
      for (const [userId, error] of Object.entries({ a: "500", b: "ECONNREFUSED", c: "500", d: "503" })) {
        await ask(userId, { name: "x" });
        await end(userId, { kind: "retry", at: NOW + 1, error });
      }
      expect(await ledger.lastErrors(2)).toEqual([
        { error: "500", rows: 2 },
        { error: "503", rows: 1 },
      ]);
      await end("a", delivered({ name: "x" }), NOW + 1);
      expect((await ledger.lastErrors(9)).map(({ rows }) => rows)).toEqual([1, 1, 1]);
    });

    test("the age of the backlog is that of the oldest row that can go, not of those that wait for a person", async () => {
      await fill();
      expect(await ledger.oldestPending()).toBe(NOW);
      await ask("failed", { name: "Joan" }, NOW + 9);
      expect(await ledger.oldestPending()).toBe(NOW);
      await end("failed", delivered({ name: "Joan", email: "jane@example.com" }), NOW + 9);
      expect(await ledger.oldestPending()).toBeUndefined();
    });

    test("a row that was withheld or rejected for days is young again when it is asked for anew", async () => {
      await fill();
      await end("failed", delivered({ name: "Jane", email: "jane@example.com" }), NOW + 60 * SECONDS);
      await ask("rejected", { name: "Joan" }, NOW + 700 * SECONDS);
      expect(await ledger.oldestPending()).toBe(NOW + 700 * SECONDS);
      await end("rejected", delivered({ name: "Joan" }), NOW + 700 * SECONDS);
      await ledger.clearMissing("plan", NOW + 800 * SECONDS);
      expect(await ledger.oldestPending()).toBe(NOW + 800 * SECONDS);
    });

    test("retrying one user makes that row due, rejected or in back-off, as if it had never failed", async () => {
      await fill();
      expect(await ledger.retry("rejected", NOW + 5)).toBe(1);
      expect(await due(NOW + 5)).toEqual(["rejected"]);
      expect(await ledger.retry("failed", NOW + 5)).toBe(1);
      expect(await take("failed", NOW + 5)).toMatchObject({ attempts: 0 });
      expect(await ledger.retry("done", NOW + 5)).toBe(0);
      expect(await ledger.retry("nobody", NOW + 5)).toBe(0);
    });

    test("retrying all makes all due and looks for the missing fields; nothing that is delivered is touched", async () => {
      await fill();
      expect(await ledger.retry(undefined, NOW + 5)).toBe(3);
      expect(await ledger.outbox()).toEqual({ pending: 2, withheld: 1, rejected: 0 });
      expect(await ledger.missingFields()).toMatchObject([{ key: "plan", probeAt: NOW + 5 }]);
      expect(await due(NOW + 5)).toEqual(["failed", "rejected"]);
    });

    test("retrying does not break into a delivery that is under way", async () => {
      await ask("u", { name: "Jane" });
      await take("u");
      await ledger.retry(undefined, NOW);
      expect(await ledger.takeNext(NOW)).toBeUndefined();
    });

    test("forgetting a user erases the row in every channel, and nobody else's", async () => {
      await fill();
      await ask("rejected", { name: "Jane" }, NOW, otherChannel);
      expect(await ledger.forget("rejected")).toBe(true);
      expect(await ledger.forget("done")).toBe(true);
      expect((await ledger.entries({ limit: 10 })).map(({ userId }) => userId)).toEqual([
        "failed",
        "withheld",
      ]);
      expect(await ask("done", { name: "Jane" })).toEqual({ outcome: "changed", generation: 1 });
      expect((await take("failed", NOW + 60 * SECONDS)).traits).toEqual({
        name: "Jane",
        email: "jane@example.com",
      });
    });

    test("a delivery that ends after its user was forgotten brings nothing back", async () => {
      await ask("u", { name: "Jane" });
      const delivery = await take("u");
      await ledger.forget("u");
      await ledger.settle(delivery, delivered(delivery.traits), NOW);
      await ledger.settle(delivery, { kind: "retry", at: NOW, error: "500" }, NOW);
      expect(await ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 0 });
      expect(await ledger.forget("u")).toBe(false);
    });

    test("a delivery that ends after its user was forgotten and has come back does not settle what is new", async () => {
      await ask("u", { name: "Jane" });
      const delivery = await take("u");
      await ledger.forget("u");
      await ask("u", { name: "Joan" }, NOW + 1);
      await ledger.settle(delivery, delivered(delivery.traits), NOW + 1);
      expect((await take("u", NOW + 1)).traits).toEqual({ name: "Joan" });
    });
  });
}

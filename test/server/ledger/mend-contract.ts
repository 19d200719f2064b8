import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContactTraits } from "../../../server/ledger/contact-traits.ts";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";
import type { DataKey } from "../../../server/ledger/data-key.ts";
import type { Delivery, Settlement } from "../../../server/ledger/row.ts";
import { takeOne } from "../../support/take-one.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
/** The one that is carried. */
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const wrong = "00000000-0000-0000-0000-000000000000";

interface Said {
  in?: string;
  at?: number;
  provenAt?: number;
  verified?: boolean;
}

/** What every ledger promises to an operator who mends something. `open` gives one that is empty, with this key. */
export function mendContract(name: string, key: DataKey, open: () => Promise<Ledger>): void {
  describe(`${name} mends:`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await open();
    });
    afterEach(() => ledger.close());

    const ask = (
      userId: string,
      traits: ContactTraits,
      { in: channel = channelId, at = NOW, provenAt, verified = true }: Said = {},
    ) => ledger.record({ channelId: channel, userId, traits, verified, provenAt }, at);
    const take = async (userId: string, now = NOW, channel = channelId): Promise<Delivery> => {
      const delivery = await takeOne(ledger, { channelId: channel, userId }, now);
      if (!delivery) throw new Error(`${userId} is not to be had`);
      return delivery;
    };
    const end = async (userId: string, settlement: Settlement, channel = channelId) =>
      ledger.settle(await take(userId, NOW, channel), settlement, NOW);
    const confirm = async (userId: string, sent: ContactTraits, channel = channelId) =>
      end(userId, { kind: "delivered", sent, contactId: undefined }, channel);
    const move = (userId?: string, now = NOW) =>
      ledger.move({ from: wrong, to: channelId, userId }, key, now);
    const left = () => ledger.ofOtherChannels(100);

    test("what waits under another channel, in every state, is due under this one, and nothing is left there", async () => {
      await ask("pending", { name: "P", "field:plan": "pro" }, { in: wrong });
      await end("pending", { kind: "retry", at: NOW + 60_000, error: "500" }, wrong);
      await ask("rejected", { name: "R" }, { in: wrong });
      await end("rejected", { kind: "rejected", error: "refused (400)" }, wrong);
      await ask("withheld", { name: "W", "field:plan": "pro" }, { in: wrong });
      await confirm("withheld", { name: "W" }, wrong);
      await ask("known there", { name: "K" }, { in: wrong });
      await confirm("known there", { name: "K" }, wrong);

      expect(await move()).toEqual({ moved: 3, merged: 0, underWay: 0 });
      expect(await left()).toEqual({ rows: 0, channels: [] });
      expect(await ledger.outbox()).toEqual({ pending: 3, withheld: 0, rejected: 0 });
      const taken: Delivery[] = [];
      for (let one = await ledger.takeNext(NOW); one; one = await ledger.takeNext(NOW)) taken.push(one);
      expect(Object.fromEntries(taken.map(({ userId, traits }) => [userId, traits]))).toEqual({
        pending: { name: "P", "field:plan": "pro" },
        rejected: { name: "R" },
        withheld: { "field:plan": "pro" },
      });
      expect(taken.every(({ attempts }) => attempts === 0)).toBe(true);
      expect(await move()).toEqual({ moved: 0, merged: 0, underWay: 0 });
    });

    test("what was confirmed in the other channel counts for nothing in this one", async () => {
      await ask("u", { name: "Jane" }, { in: wrong });
      await confirm("u", { name: "Jane" }, wrong);
      await ask("u", { email: "jane@example.com" }, { in: wrong });
      await move();
      expect((await ask("u", { name: "Jane", email: "jane@example.com" })).outcome).toBe("changed");
      expect((await take("u")).traits).toEqual({ name: "Jane", email: "jane@example.com" });
    });

    test("of one user alone", async () => {
      for (const user of ["u", "other"]) await ask(user, { name: user }, { in: wrong });
      expect(await move("u")).toEqual({ moved: 1, merged: 0, underWay: 0 });
      expect(await move("nobody")).toEqual({ moved: 0, merged: 0, underWay: 0 });
      expect((await left()).rows).toBe(1);
      expect((await take("u")).traits).toEqual({ name: "u" });
    });

    test("where the user has a row here too, what is here stays, and what only the other row has comes to it", async () => {
      await ask("u", { name: "Old", email: "old@example.com", "field:plan": "free" }, { in: wrong });
      await ask("u", { name: "New" });
      await confirm("u", { name: "New" });
      await ask("u", { email: "new@example.com" });
      expect(await move()).toEqual({ moved: 1, merged: 1, underWay: 0 });
      expect((await take("u")).traits).toEqual({ email: "new@example.com", "field:plan": "free" });
      expect((await left()).rows).toBe(0);
    });

    test("but what a newer proof has said is newer, wherever it was said", async () => {
      await ask("u", { name: "Old", "field:plan": "free" }, { provenAt: NOW - 60_000 });
      await confirm("u", { name: "Old", "field:plan": "free" });
      await ask("u", { name: "New", "field:plan": "free" }, { in: wrong, provenAt: NOW - 1000 });
      await move();
      expect((await take("u")).traits).toEqual({ name: "New" });
      const outdated = await ask("u", { name: "Older" }, { provenAt: NOW - 30_000 });
      expect(outdated).toMatchObject({ outcome: "waiting", outdated: ["name"] });
    });

    test("a row that has nothing to bring goes, and the row here is as it was", async () => {
      await ask("u", { name: "Old" }, { in: wrong });
      await ask("u", { name: "New" });
      await confirm("u", { name: "New" });
      expect(await move()).toEqual({ moved: 1, merged: 1, underWay: 0 });
      expect(await ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 0 });
      expect((await ask("u", { name: "New" })).outcome).toBe("unchanged");
    });

    test("what anyone can say does not touch what is proven, nor leave in its company", async () => {
      await ask("proven here", { name: "Proven" });
      await ask("proven here", { name: "Anyone", email: "x@example.com" }, { in: wrong, verified: false });
      await ask("proven there", { name: "Anyone", email: "x@example.com" }, { verified: false });
      await ask("proven there", { name: "Proven" }, { in: wrong });
      await move();
      expect((await take("proven here")).traits).toEqual({ name: "Proven" });
      expect((await take("proven there")).traits).toEqual({ name: "Proven" });
    });

    test("a row that an exchange is carrying stays until that has ended", async () => {
      await ask("u", { name: "Jane" }, { in: wrong });
      const delivery = await take("u", NOW, wrong);
      expect(await move()).toEqual({ moved: 0, merged: 0, underWay: 1 });
      await ledger.settle(delivery, { kind: "rejected", error: "refused (400)" }, NOW);
      expect(await move()).toEqual({ moved: 1, merged: 0, underWay: 0 });
    });

    test("a delivery of the row here that is under way settles only what it carried", async () => {
      await ask("u", { name: "New" });
      const delivery = await take("u");
      await ask("u", { name: "Old", email: "jane@example.com" }, { in: wrong });
      await move();
      await ledger.settle(delivery, { kind: "delivered", sent: delivery.traits, contactId: undefined }, NOW);
      expect((await ledger.outbox()).pending).toBe(1);
      expect((await take("u")).traits).toMatchObject({ email: "jane@example.com" });
    });

    test("resending one user forgets what is confirmed, so that the next claim is sent in full; and nobody else's", async () => {
      for (const user of ["u", "other"]) {
        await ask(user, { name: "Jane", email: "jane@example.com" });
        await confirm(user, { name: "Jane", email: "jane@example.com" });
      }
      expect(await ledger.resend("u", NOW)).toEqual({ rows: 1, due: 0 });
      expect(await ledger.resend("nobody", NOW)).toEqual({ rows: 0, due: 0 });
      expect(await ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 0 });
      const claim = { name: "Jane", email: "jane@example.com" };
      expect((await ask("other", claim)).outcome).toBe("unchanged");
      expect((await ask("u", claim)).outcome).toBe("changed");
      expect((await take("u")).traits).toEqual(claim);
    });

    test("resending all does so for everybody, and what still waits is due", async () => {
      await ask("done", { name: "Jane" });
      await confirm("done", { name: "Jane" });
      await ask("failed", { name: "Jane", email: "jane@example.com" });
      await confirm("failed", { name: "Jane", email: "jane@example.com" });
      await ask("failed", { email: "new@example.com" });
      await end("failed", { kind: "retry", at: NOW + 60_000, error: "500" });
      await ask("rejected", { name: "Jane" });
      await end("rejected", { kind: "rejected", error: "refused (400)" });
      expect(await ledger.resend(undefined, NOW)).toEqual({ rows: 3, due: 2 });
      expect((await take("failed")).traits).toEqual({ email: "new@example.com" });
      expect((await take("rejected")).traits).toEqual({ name: "Jane" });
      expect((await ask("done", { name: "Jane" })).outcome).toBe("changed");
      // Also what was not on its way.
      expect((await ask("failed", { name: "Jane" })).outcome).toBe("changed");
      expect(await ledger.resend(undefined, NOW)).toEqual({ rows: 3, due: 3 });
    });
  });
}

import { describe, expect, test } from "vitest";
import { startWorld } from "../support/world.ts";
import { identify, readinessOf } from "./promises.ts";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

describe("what Vambe is spared", { timeout: 180_000 }, () => {
  test("1,000 identical identifies at once are one upsert, and every page is told", async () => {
    await using world = await startWorld();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => world.signIn("u", jane)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(world.vambe.standIn.upserts().length).toBe(1);
    for (const status of new Set(answers.map((answer) => answer.identity().status)))
      expect(status).toMatch(/^(delivered|unchanged|queued)$/);
  });

  test("1,000 page loads of users who have not changed are none", async () => {
    await using world = await startWorld();
    const ids = Array.from({ length: 10 }, (_, number) => `u${number}`);
    for (const id of ids) await identify(world, id, { ...jane, name: id });
    const before = world.vambe.standIn.upserts().length;
    for (let load = 0; load < 100; load++) {
      const answers = await Promise.all(ids.map((id) => world.signIn(id, { ...jane, name: id })));
      expect(new Set(answers.map((answer) => answer.identity().status))).toEqual(new Set(["unchanged"]));
    }
    expect(world.vambe.standIn.upserts().length).toBe(before);
  });

  test("A, then B, then A again: Vambe ends with A, whether B has arrived, is under way or waits", async () => {
    await using world = await startWorld({ vambe: { slowness: 300 } });
    const contact = (id: string) =>
      world.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id);
    for (const [id, fault] of Object.entries({ arrived: "normal", underWay: "slow" } as const)) {
      world.vambe.standIn.setFault(fault);
      const first = await world.signIn(id, { name: "A" });
      expect(first.identity().status).toBe("delivered");
      const before = world.vambe.standIn.upserts().length;
      const second = world.signIn(id, { name: "B" });
      if (fault === "normal") await second;
      // Two requests at once arrive in any order: B has to be at Vambe before A is said again.
      await expect
        .poll(() => world.vambe.standIn.upserts().length, { timeout: 30_000 })
        .toBeGreaterThan(before);
      const third = await world.signIn(id, { name: "A" });
      expect((await second).identity().status).toMatch(/delivered|unchanged/);
      expect(third.identity().status).toMatch(/delivered|unchanged/);
      await expect.poll(() => contact(id)?.contact.name, { timeout: 30_000 }).toBe("A");
      expect((await identify(world, id, { name: "A" })).status).toBe("unchanged");
    }
    world.vambe.standIn.setFault("normal");
    await identify(world, "waits", { name: "A" });
    world.vambe.standIn.setFault("down");
    expect((await identify(world, "waits", { name: "B" })).status).toBe("queued");
    expect((await identify(world, "waits", { name: "A" })).status).toBe("queued");
    world.vambe.standIn.setFault("normal");
    await expect
      .poll(async () => (await world.signIn("waits", { name: "A" })).identity().status, { timeout: 60_000 })
      .toMatch(/delivered|unchanged/);
    expect(contact("waits")?.contact.name).toBe("A");
  });

  test("the ledger grows with the users, not with the page loads", async () => {
    await using world = await startWorld();
    world.vambe.standIn.setFault("down");
    for (let load = 0; load < 50; load++)
      await Promise.all(["a", "b"].map((id) => world.signIn(id, { ...jane, plan: `plan ${load}` })));
    expect((await readinessOf(world)).outbox.pending).toBe(2);
    world.vambe.standIn.setFault("normal");
    await expect.poll(() => world.vambe.standIn.contacts().length, { timeout: 60_000 }).toBe(2);
    for (const { fields } of world.vambe.standIn.contacts()) expect(fields.plan).toBe("plan 49");
  });
});

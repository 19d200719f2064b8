import { describe, expect, test } from "vitest";
import { holdWriteLock } from "../support/lock-holder.ts";
import { startWorld } from "../support/world.ts";
import { untilDelivered } from "./promises.ts";

const HELD_MS = 4000;
const jane = { name: "Jane Doe", email: "jane@example.com" };
const newcomers = Array.from({ length: 20 }, (_, at) => `new-${at}`);

describe("while another process has the database's write lock for four seconds", () => {
  test("probes and unchanged users are answered all the while, and new users once it is gone", async () => {
    await using world = await startWorld();
    await world.signIn("known", jane);
    await untilDelivered(world);
    const lock = await holdWriteLock(world.database, HELD_MS);
    let isStored = 0;
    const coming = newcomers.map(async (id) => {
      const answer = await world.signIn(id, { ...jane, name: id });
      isStored += 1;
      return answer.identity().status;
    });
    const answered = { livez: 0, unchanged: 0, storedBefore: 0 };
    while (lock.isHeld()) {
      const [probe, known] = await Promise.all([world.page.send("/livez", {}), world.signIn("known", jane)]);
      if (!lock.isHeld()) break;
      expect([probe.status, known.identity().status]).toEqual([200, "unchanged"]);
      answered.livez += 1;
      answered.unchanged += 1;
      answered.storedBefore = isStored;
    }
    // Where each of the twenty stopped everything for as long as it was locked, it would be a handful.
    expect(answered).toEqual({
      livez: expect.toSatisfy((count: number) => count >= 100),
      unchanged: expect.toSatisfy((count: number) => count >= 100),
      storedBefore: 0,
    });
    for (const status of await Promise.all(coming)) expect(status).toMatch(/^(queued|delivered)$/);
    await untilDelivered(world);
    const arrived = world.vambe.standIn.contacts().map(({ external_user_id: id }) => id);
    expect(arrived.sort()).toEqual(["known", ...newcomers].sort());
    await lock.ended;
  });
});

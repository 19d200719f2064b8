import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startWorld } from "../support/world.ts";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

describe("a database that cannot be written", () => {
  // `ulimit -f` counts blocks of 512 bytes: the files may grow to 150, 175 and 200 KB. It is then another write that fails.
  test.each([300, 350, 400])(
    "because the disk is full: identifies are refused with 503, and what was acknowledged before is kept (%i)",
    async (blocks) => {
      await using world = await startWorld({ surroundings: { shell: `ulimit -f ${blocks}` } });
      world.vambe.standIn.setFault("down");
      const acknowledged: string[] = [];
      const refused: string[] = [];
      for (let number = 0; refused.length < 3 && number < 500; number++) {
        const answer = await world.signIn(`u${number}`, { ...jane, name: "x".repeat(250) });
        if (answer.status === 200) {
          acknowledged.push(`u${number}`);
          continue;
        }
        expect(answer.problem()).toMatchObject({ slug: "storage-unavailable", status: 503 });
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
        expect(answer.headers["cache-control"]).toBe("no-store");
        refused.push(`u${number}`);
      }
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(refused.length).toBe(3);

      const { code, signal, output } = await world.exchange.stop();
      expect([code, signal]).toEqual([0, null]);
      expect(output).not.toMatch(/uncaught/);
      // What was the matter, and not that there was nothing left to roll back.
      expect(output).toMatch(/could not be stored.*ERR_SQLITE_ERROR (13|778) /);
      expect(output).not.toMatch(/^\s+at /m);
      world.vambe.standIn.setFault("normal");
      await world.exchange.restart();
      const arrived = () => world.vambe.standIn.contacts().map(({ external_user_id }) => external_user_id);
      await eventually("all that was acknowledged has arrived", () =>
        acknowledged.every((id) => arrived().includes(id)),
      );
      expect(refused.filter((id) => arrived().includes(id))).toEqual([]);
      expect((await world.signIn(refused[0] ?? "", jane)).identity().status).toBe("delivered");
    },
  );

  test("because somebody has broken it: 503, not ready, alive, and the log says why without saying who", async () => {
    await using world = await startWorld();
    const db = new DatabaseSync(world.database);
    db.exec("DROP TABLE contact");
    db.close();
    const answer = await world.signIn("jane-17", jane);
    expect(answer.problem()).toMatchObject({ slug: "storage-unavailable", status: 503 });
    await expect.poll(async () => (await world.page.send("/readyz", {})).status, { timeout: 5000 }).toBe(503);
    expect((await world.page.send("/livez", {})).status).toBe(200);
    expect(world.vambe.standIn.upserts()).toEqual([]);
    await expect.poll(() => world.exchange.output()).toMatch(/"level":"error".*ERR_SQLITE_ERROR/);
    expect(world.exchange.output()).not.toMatch(/jane/i);
  });
});

describe("a database that somebody else is writing", () => {
  test("for a moment: identify waits for it", async () => {
    await using world = await startWorld();
    await world.signIn("warm-up");
    const db = new DatabaseSync(world.database);
    db.exec("BEGIN IMMEDIATE");
    const asked = world.signIn("u", jane);
    setTimeout(() => db.exec("COMMIT"), 500);
    expect((await asked).identity().status).toBe("delivered");
    db.close();
  });
});

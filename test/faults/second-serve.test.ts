import { describe, expect, test } from "vitest";
import { startWorld } from "../support/world.ts";

describe("an SQLite file that an exchange delivers from", () => {
  test("is refused to a second one, with the process that has it; commands are let in", async () => {
    await using world = await startWorld();
    expect((await world.signIn("jane", { name: "Jane Doe" })).status).toBe(200);
    await expect(world.startAnother()).rejects.toThrow(
      new RegExp(
        `cannot start. Another exchange \\(process ${world.exchange.pid()} .*VAMBE_DATABASE_URL.*PostgreSQL`,
      ),
    );
    for (const command of [["outbox"], ["keys", "list"], ["outbox", "retry", "--all"]])
      expect((await world.command(command)).code).toBe(0);
    expect((await world.signIn("jane", { name: "Jane Doe" })).identity().status).toBe("unchanged");
  });

  test("is free again once that one has ended, also where it was killed", async () => {
    await using world = await startWorld();
    await world.exchange.kill();
    await world.exchange.restart();
    await world.exchange.stop();
    await world.exchange.restart();
    expect((await world.signIn("jane", { name: "Jane Doe" })).status).toBe(200);
  });
});

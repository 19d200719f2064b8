import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startWorld } from "../support/world.ts";

test("two custom fields that Vambe does not have do not stand in each other's way", async () => {
  await using world = await startWorld({
    environment: { VAMBE_FIELDS: "nowhere,plan" },
    vambe: { fields: [{ key: "plan" }] },
  });
  const planOf = (id: string) =>
    world.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id)?.fields.plan;
  world.vambe.standIn.setFault("field");
  // In the order of the rows, the user whose field stays missing comes first.
  await world.signIn("a", { name: "A", fields: { nowhere: "x" } });
  await world.signIn("b", { name: "B", plan: "pro" });
  await world.exchange.stop();

  // One field has been looked for often and gets its next look later; the other's turn has come, and it exists by now.
  const db = new DatabaseSync(world.database);
  const wait = db.prepare("UPDATE missing_field SET probe_at = ? WHERE key = ?");
  wait.run(Date.now() + 300_000, "nowhere");
  wait.run(Date.now() - 1, "plan");
  db.close();
  world.vambe.standIn.setFault("normal");

  await world.exchange.restart({}, { withinMs: 15_000 });
  await eventually("the plan is there", () => planOf("b") === "pro", { withinMs: 15_000 });
  expect((await world.page.send("/livez", {})).status).toBe(200);
});

import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { MountedWorld } from "../harness/world.ts";

/** How long an app may take to end by itself, in milliseconds. */
const ENDS_WITHIN_MS = 6000;

/** The app is stopped and started: these come last. */
export function ends(world: () => MountedWorld): void {
  test("on SIGTERM the app ends by itself, and what was queued is sent by the next", async () => {
    world().vambe.standIn.setFault("down");
    const answer = await world().identify("queued", { name: "Bruno Costa" });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"status":"queued"')]);

    const since = performance.now();
    const { code, signal, output } = await world().app().stop();
    expect([code, signal], output).toEqual([world().mount.exitCode ?? 0, null]);
    expect(performance.now() - since).toBeLessThan(ENDS_WITHIN_MS);

    world().vambe.standIn.setFault("normal");
    await world().start();
    // The exchange opens with the first request where an app is made so.
    await world().ask("/identity/readyz");
    await eventually("Vambe has the contact", () => world().contacts().queued === "Bruno Costa");
  });
}

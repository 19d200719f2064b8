import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { ALL, theSameRequests } from "../../harness/same-requests.ts";
import { type MountedWorld, PREFIX } from "../../harness/world.ts";
import { mount } from "./mount.ts";

/** Between two requests a function stands still: it is neither ended nor told. */
function frozen(world: () => MountedWorld): void {
  test("what waits when the function is frozen is sent when the next request wakes it", async () => {
    const { pid } = await world().start();
    world().vambe.standIn.setFault("down");
    const answer = await world().identify("frozen", { name: "Bruno Costa" });
    expect(answer.text).toContain('"status":"queued"');

    process.kill(pid, "SIGSTOP");
    world().vambe.standIn.setFault("normal");
    await sleep(3000);
    expect(world().contacts()).not.toHaveProperty("frozen");
    process.kill(pid, "SIGCONT");
    expect((await world().ask(`${PREFIX}/livez`)).status).toBe(200);
    await eventually("Vambe has the contact", () => world().contacts().frozen === "Bruno Costa");
  });
}

theSameRequests(mount, [...ALL, frozen]);

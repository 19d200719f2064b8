import { expect, inject, test } from "vitest";
import { theSameRequests } from "../../harness/same-requests.ts";
import type { MountedWorld } from "../../harness/world.ts";
import { widgetFiles } from "../../requests/files.ts";
import { identifies } from "../../requests/identify.ts";
import { told } from "../../requests/told.ts";
import { mount } from "./mount.ts";

/** What a bundler leaves out shows where it is asked for. */
function withPostgres(world: () => MountedWorld): void {
  test("with PostgreSQL it identifies too", async () => {
    await world().start({ VAMBE_DATABASE_URL: `${inject("mounts").postgres}?schema=bundle_${Date.now()}` });
    expect((await world().identify("by-postgres", { name: "Ana Rivera" })).status).toBe(200);
    expect(world().contacts()).toMatchObject({ "by-postgres": "Ana Rivera" });
  });
}

theSameRequests(mount, [identifies, widgetFiles, told, withPostgres]);

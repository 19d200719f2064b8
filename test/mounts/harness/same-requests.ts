import { afterAll, beforeAll, describe } from "vitest";
import { bodies } from "../requests/bodies.ts";
import { ends } from "../requests/ending.ts";
import { widgetFiles } from "../requests/files.ts";
import { hosts } from "../requests/host.ts";
import { identifies } from "../requests/identify.ts";
import { missingDatabase } from "../requests/missing-database.ts";
import { told } from "../requests/told.ts";
import { type InstalledApp, installApp } from "./installed-app.ts";
import type { Mount, Variant } from "./mount.ts";
import { type MountedWorld, mountedWorld } from "./world.ts";

/** An install and a build may take so long, in milliseconds. */
const READY_MS = 300_000;
const AS_IT_IS: Variant[] = [{ name: "" }];

/** Defines tests of a world that is there once they run. */
type Part = (world: () => MountedWorld, installed: () => InstalledApp) => void;
/** The last two stop the app and start it anew. */
export const ALL: Part[] = [identifies, widgetFiles, bodies, hosts, told, ends, missingDatabase];

/** The same requests for every app: each a test of what a visitor, the site's page or its operator would notice. */
export function theSameRequests(mount: Mount, parts: Part[] = ALL): void {
  let installed: InstalledApp;
  beforeAll(async () => {
    installed = await installApp(mount);
  }, READY_MS);
  afterAll(() => installed?.[Symbol.dispose]());

  const variants = mount.variants ?? AS_IT_IS;
  describe.each(variants.map((variant) => [`${mount.name} ${variant.name}`.trim(), variant] as const))(
    "%s",
    (_, variant) => {
      let world: MountedWorld;
      beforeAll(async () => {
        world = await mountedWorld(mount, variant, installed);
        await world.start();
      });
      afterAll(() => world?.[Symbol.asyncDispose]());

      for (const part of parts)
        part(
          () => world,
          () => installed,
        );
    },
  );
}

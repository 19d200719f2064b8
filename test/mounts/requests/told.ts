import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { linesOf, rowOf } from "../../docs/mounting-table.ts";
import type { InstalledApp } from "../harness/installed-app.ts";
import type { MountedWorld } from "../harness/world.ts";

const page = readFileSync(new URL("../../../docs/mounting.md", import.meta.url), "utf8");

/** What the docs say of this app is what has run here. */
export function told(world: () => MountedWorld, installed: () => InstalledApp): void {
  test("docs/mounting.md has its lines, and the version that runs here", () => {
    const versionHere = (_: string, name: string): string =>
      JSON.parse(readFileSync(join(installed().path, "node_modules", name, "package.json"), "utf8")).version;
    const { mount } = world();
    expect(page).toContain(rowOf(mount, versionHere));
    expect(page).toContain(linesOf({ ...mount, folder: join(installed().path, "..") }));
    if (!mount.framework) expect(rowOf(mount)).toContain(`Node ${process.versions.node} `);
  });
}

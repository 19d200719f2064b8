import { readFileSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { packPackage } from "../../packages/packed.ts";
import { startPostgres } from "../../support/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The packed package, the script as it was built for it, and a database of PostgreSQL, for all apps. */
    mounts: { tarball: string; script: string; postgres: string };
  }
}

/** Once for all apps: the package as it is published, and a PostgreSQL server. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const packed = packPackage();
  const postgres = await startPostgres();
  project.provide("mounts", {
    tarball: packed.tarball,
    script: readFileSync(packed.built("widget/vambe-identity.js"), "utf8"),
    postgres: await postgres.newDatabase(),
  });
  return async () => {
    await postgres[Symbol.asyncDispose]();
    packed[Symbol.dispose]();
  };
}

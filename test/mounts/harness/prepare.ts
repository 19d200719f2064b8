import type { TestProject } from "vitest/node";
import { packPackage } from "../../packages/packed.ts";
import { startPostgres } from "../../support/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The packed package, and where PostgreSQL listens, for all apps. */
    mounts: { tarball: string; postgres: string };
  }
}

/** Once for all apps: the package as it is published, and a PostgreSQL server. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const packed = packPackage();
  const postgres = await startPostgres();
  project.provide("mounts", { tarball: packed.tarball, postgres: await postgres.newDatabase() });
  return async () => {
    await postgres[Symbol.asyncDispose]();
    packed[Symbol.dispose]();
  };
}

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createBuilder } from "vite";

/** The exchange serves the built widget and does not start without: where it has not been built, it is now. */
export async function setup(): Promise<void> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  if (existsSync(`${root}dist/built-in.js`)) return;
  const builder = await createBuilder({ root, logLevel: "error" }, null);
  await builder.buildApp();
}

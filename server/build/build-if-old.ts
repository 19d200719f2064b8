/** Before `npm start` in a clone: builds what is not there, or is older than its sources. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What a server that runs from its sources has of the build. */
const BUILT = join(ROOT, "dist/built-in.js");
const SOURCES = ["widget", "server/admin/page", "server/build", "vite.config.ts", "package.json"];

/** Folders count too: their time changes when a file in them goes. */
function newestIn(path: string): number {
  const own = statSync(path);
  const below = own.isDirectory()
    ? readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name))
    : [];
  return Math.max(own.mtimeMs, ...below.map((file) => statSync(file).mtimeMs));
}

const isOld = () => {
  const { mtimeMs } = statSync(BUILT);
  return SOURCES.some((source) => newestIn(join(ROOT, source)) > mtimeMs);
};

if (!existsSync(BUILT) || isOld()) {
  try {
    const { createBuilder } = await import("vite");
    await (await createBuilder({ root: ROOT, logLevel: "warn" }, null)).buildApp();
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw error;
    process.stderr.write(
      "The widget has to be built, and what builds it is not installed: run `npm ci` first.\n",
    );
    process.exitCode = 1;
  }
}

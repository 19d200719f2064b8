import type { Mount, Variant } from "../../harness/mount.ts";

const BUNDLERS = ["esbuild", "rollup", "rolldown", "webpack"];
const FORMATS = [
  ["an ES module", "mjs"],
  ["CommonJS", "cjs"],
];

/** Which of the bundles is started, the shell finds in the environment. */
export const mount: Mount = {
  name: "Bundled by esbuild, Rollup, Rolldown or webpack",
  folder: import.meta.dirname,
  libraries: "bundlers",
  framework: BUNDLERS,
  build: [["node", "build.js"]],
  start: ["sh", "-c", 'exec node "../bundles/$BUNDLE"'],
  source: "app.js",
  know: "As an ES module and as CommonJS; the bundle runs in a folder without `node_modules`.",
  variants: BUNDLERS.flatMap((bundler) =>
    FORMATS.map(
      ([format, ext]): Variant => ({
        name: `${bundler}, ${format}`,
        environment: { BUNDLE: `${bundler}/app.${ext}` },
      }),
    ),
  ),
  unknownPath: "host",
};

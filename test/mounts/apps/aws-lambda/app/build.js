/** One file a format, in a folder that has nothing else in it but the gateway that calls it. */
import { copyFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const FOLDER = "../function";
for (const [format, file] of [
  ["esm", "index.mjs"],
  ["cjs", "index.cjs"],
]) {
  const outfile = `${FOLDER}/${file}`;
  await build({
    entryPoints: ["index.js"],
    bundle: true,
    platform: "node",
    target: "node22",
    format,
    outfile,
  });
}
copyFileSync("gateway.js", `${FOLDER}/gateway.js`);
writeFileSync(`${FOLDER}/package.json`, '{ "type": "module" }');

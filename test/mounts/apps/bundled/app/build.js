/** The app as each bundler makes it with nothing set that is not needed, in a folder without `node_modules`. */
import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import webpack from "webpack";

const INPUT = "app.js";
const OUT = new URL("../bundles/", import.meta.url).pathname;

for (const [format, ext] of [
  ["esm", "mjs"],
  ["cjs", "cjs"],
]) {
  await build({
    entryPoints: [INPUT],
    bundle: true,
    platform: "node",
    format,
    outfile: `${OUT}esbuild/app.${ext}`,
  });
}

for (const [format, ext] of [
  ["es", "mjs"],
  ["cjs", "cjs"],
]) {
  const names = { format, entryFileNames: `app.${ext}`, chunkFileNames: `[name].${ext}` };
  const byRollup = await rollup({
    input: INPUT,
    plugins: [nodeResolve({ exportConditions: ["node"], preferBuiltins: true }), commonjs(), json()],
  });
  await byRollup.write({ dir: `${OUT}rollup`, ...names });
  const byRolldown = await rolldown({ input: INPUT, platform: "node" });
  await byRolldown.write({ dir: `${OUT}rolldown`, ...names });
}

for (const [ext, more] of [
  ["mjs", { experiments: { outputModule: true }, output: { module: true, chunkFormat: "module" } }],
  ["cjs", { output: {} }],
]) {
  const { output, ...rest } = more;
  await new Promise((resolve, reject) => {
    webpack(
      {
        mode: "production",
        target: "node22",
        entry: `./${INPUT}`,
        ...rest,
        output: { path: `${OUT}webpack`, filename: `app.${ext}`, chunkFilename: `[name].${ext}`, ...output },
      },
      (error, stats) => {
        if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString()));
        else resolve();
      },
    );
  });
}

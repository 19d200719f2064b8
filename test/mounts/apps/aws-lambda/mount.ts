import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "AWS Lambda, `hono/aws-lambda`",
  folder: import.meta.dirname,
  libraries: "bundlers",
  framework: "hono",
  build: [["node", "build.js"]],
  start: ["node", "../function/gateway.js"],
  source: "index.js",
  know: "Bundled by esbuild to one file, ES module or CommonJS. Needs PostgreSQL: a function's disk is its own, and goes.",
  variants: [
    { name: "as an ES module", environment: { FUNCTION: "index.mjs" } },
    { name: "as CommonJS", environment: { FUNCTION: "index.cjs" } },
  ],
  unknownPath: "exchange",
};

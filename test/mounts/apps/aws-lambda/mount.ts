import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "AWS Lambda, `hono/aws-lambda`",
  folder: import.meta.dirname,
  libraries: "bundlers",
  framework: "hono",
  build: [["node", "build.js"]],
  start: ["node", "../function/gateway.js"],
  source: "index.js",
  know: "Bundled by esbuild to one file, as an ES module or as CommonJS. It has run with PostgreSQL: [functions that come and go](#what-to-know). Hono 5 will have the adapter in `@hono/aws-lambda`.",
  variants: [
    { name: "as an ES module", environment: { FUNCTION: "index.mjs" } },
    { name: "as CommonJS", environment: { FUNCTION: "index.cjs" } },
  ],
  withoutSqlite: true,
  unknownPath: "exchange",
};

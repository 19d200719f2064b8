import { builtinModules } from "node:module";
import { type EnvironmentOptions, minify, type Plugin } from "vite";

/**
 * The server's bundles, with the libraries that they need in them, so that the package needs none: who wants the hook
 * alone installs nothing else, and every bundler can take the server in. `sign` has a bundle of its own, or it would
 * share files with the exchange that it does not need.
 */
const BUNDLES: Record<string, { input: Record<string, string>; format: "es" | "cjs" }> = {
  server: {
    input: {
      index: "server/index.ts",
      cli: "server/cli/main.ts",
      client: "server/client/index.ts",
      next: "server/next/route-handlers.ts",
    },
    format: "es",
  },
  sign: { input: { sign: "server/sign/sign.ts" }, format: "es" },
  signCjs: { input: { sign: "server/sign/sign.ts" }, format: "cjs" },
};

/** Each has a file of its own, and what belongs to it is there too. */
const LIBRARIES = {
  zod: /node_modules\/zod\//,
  jose: /node_modules\/jose\//,
  pg: /node_modules\/(pg|pg-[a-z-]+|postgres-[a-z-]+|pgpass|split2|xtend)\//,
  ipaddr: /node_modules\/ipaddr\.js\//,
  "prom-client": /node_modules\/prom-client\//,
  libphonenumber: /node_modules\/libphonenumber-js\//,
  "csv-parse": /node_modules\/csv-parse\//,
};

export const serverBundles = Object.keys(BUNDLES);

/** Vite's environments, one a bundle. */
export const serverEnvironments: Record<string, EnvironmentOptions> = Object.fromEntries(
  Object.entries(BUNDLES).map(([name, { input, format }]) => [name, environment(name, input, format)]),
);

function environment(name: string, input: Record<string, string>, format: "es" | "cjs"): EnvironmentOptions {
  const end = format === "es" ? "js" : "cjs";
  return {
    consumer: "server",
    resolve: { noExternal: true, external: [] },
    build: {
      outDir: "dist/server",
      emptyOutDir: false,
      minify: false,
      target: "es2024",
      rolldownOptions: {
        input,
        preserveEntrySignatures: "strict",
        checks: { pluginTimings: false },
        output: {
          format,
          polyfillRequire: false,
          // Or what is minified here would be written out again.
          minify: false,
          comments: { annotation: true, jsdoc: false, legal: true },
          entryFileNames: `[name].${end}`,
          chunkFileNames: `${name}/[name].${end}`,
          codeSplitting: { groups: Object.entries(LIBRARIES).map(([name, test]) => ({ name, test })) },
        },
      },
    },
  };
}

const ofServer: Pick<Plugin, "applyToEnvironment"> = {
  applyToEnvironment: ({ name }) => serverBundles.includes(name),
};

const BUILT_IN = new RegExp(`^(node:)?(${builtinModules.join("|")})$`);

/** A `require` of one of Node's own modules, in a library: as it stands it would go by the path of the file it is in. */
const askForBuiltIns: Plugin = {
  ...ofServer,
  name: "ask-for-built-ins",
  enforce: "pre",
  resolveId: {
    filter: { id: BUILT_IN },
    handler: (id, _, { kind }) =>
      kind === "require-call" ? `\0built-in:${id.replace("node:", "")}` : undefined,
  },
  load: {
    filter: { id: /^\0built-in:/ },
    handler: (id) => `module.exports = process.getBuiltinModule("node:${id.slice("\0built-in:".length)}")`,
  },
};

/**
 * Of `pg`, what nothing here asks for: its C binding, Cloudflare's sockets, results in binary form, and its reader of
 * database URLs, since `ledger/postgres/connect/url.ts` reads them.
 */
const LEFT_OUT: Record<string, RegExp> = {
  "pg-native": /./,
  "pg-cloudflare": /./,
  "pg-connection-string": /./,
  "./native": /\/node_modules\/pg\//,
  "./lib/binaryParsers": /\/node_modules\/pg-types\//,
};

const leaveOut: Plugin = {
  ...ofServer,
  name: "leave-out",
  enforce: "pre",
  resolveId: (id, importer = "") => (LEFT_OUT[id]?.test(importer) ? `\0none:${id}` : undefined),
  // `init` of the parsers is called all the same.
  load: (id) => (id.startsWith("\0none:") ? "export function init() {}" : undefined),
};

/**
 * The package carries it to everybody, also to who wants the hook alone. The names of our functions stay, for stack
 * traces; whoever wants to read it has the sources.
 */
const minifyAll: Plugin = {
  ...ofServer,
  name: "minify-server",
  renderChunk: (code, { fileName, name }) => {
    const keepNames = !Object.hasOwn(LIBRARIES, name);
    return minify(fileName, code, {
      compress: { target: "es2024", keepNames: { function: keepNames, class: keepNames } },
      mangle: { toplevel: true, keepNames },
      codegen: { removeWhitespace: true },
    });
  },
};

export const serverPlugins: Plugin[] = [askForBuiltIns, leaveOut, minifyAll];

import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, minify, type Plugin } from "vite";
import { adminEnvironments } from "./server/build/admin-page.ts";
import { serverBundles, serverEnvironments, serverPlugins } from "./server/build/bundle.ts";
import { writeAdminScript, writeBuiltIn, writeForRequire } from "./server/build/write-built-in.ts";

const ROOT = fileURLToPath(new URL(".", import.meta.url));

/** What one `vite build --app` makes: the script of the tag, and what it may fetch. */
const bundles = {
  script: { input: "widget/script.ts", file: "vambe-identity", format: "iife", outDir: "dist/widget" },
  badge: {
    input: "widget/badge/badge.tsx",
    file: "vambe-identity-badge",
    format: "es",
    outDir: "dist/widget",
  },
  chat: {
    input: "widget/chat/chat.ts",
    file: "vambe-identity-chat",
    format: "es",
    outDir: "dist/widget",
  },
  gate: {
    input: "widget/gate/part.ts",
    file: "vambe-identity-gate",
    format: "es",
    outDir: "dist/widget",
  },
  tend: {
    input: "widget/tend/tend.ts",
    file: "vambe-identity-tend",
    format: "es",
    outDir: "dist/widget",
  },
  inspector: {
    input: "widget/inspector/inspector.ts",
    file: "vambe-identity-inspector",
    format: "es",
    outDir: "dist/widget",
  },
} as const;

/** The modules for bundlers fetch the same badge and chat as the script tag: each file has all that it needs in it. */
const modulesShareParts: Plugin = {
  name: "modules-share-parts",
  enforce: "pre",
  applyToEnvironment: ({ name }) => name.startsWith("modules"),
  resolveId(id) {
    const part = [bundles.badge, bundles.chat].find(({ input }) =>
      id.endsWith(input.replace("widget/", "/")),
    );
    return part && { id: `../widget/${part.file}.js`, external: true };
  },
};

const MODULES = {
  widget: "widget/module/widget.ts",
  react: "widget/module/react.ts",
  preact: "widget/module/preact.ts",
  vue: "widget/module/vue.ts",
  svelte: "widget/module/svelte.ts",
  angular: "widget/module/angular.ts",
  "next-script": "widget/module/next-script.ts",
};

/** What `import "vambe-identity/widget"` and the hooks find: readable, since bundlers minify what they take in. */
const modules = (format: "es" | "cjs", end: "js" | "cjs") => ({
  consumer: "client" as const,
  build: {
    outDir: "dist/module",
    emptyOutDir: false,
    // What a bundler takes in it minifies itself, and reports on.
    minify: format === "cjs",
    target: "es2022",
    lib: { entry: MODULES, formats: [format], fileName: (_: string, name: string) => `${name}.${end}` },
    rolldownOptions: {
      external: [
        "react",
        "preact",
        "preact/hooks",
        "vue",
        "svelte",
        "svelte/store",
        "@angular/core",
        "next/script",
      ],
      // What the modules say of themselves stands in their declarations.
      output: { chunkFileNames: `[name].${end}`, comments: { annotation: true, jsdoc: false, legal: true } },
      // "use client" stays at the top of the entry that says it.
      checks: { moduleLevelDirective: false, pluginTimings: false },
    },
  },
});

/** Every byte is the customer's: one minifier after the other makes less than either alone. */
const compressBeforeTerser: Plugin = {
  name: "compress-before-terser",
  // The badge comes out larger.
  applyToEnvironment: ({ name }) => name === "script",
  renderChunk: (code, { fileName }) =>
    minify(fileName, code, { compress: { target: "es2022" }, mangle: false, codegen: false }),
};

export default defineConfig({
  appType: "custom",
  plugins: [modulesShareParts, compressBeforeTerser, ...serverPlugins],
  // The same bundle whatever NODE_ENV says: tests build it too.
  oxc: { jsx: { development: false } },
  environments: {
    ...Object.fromEntries(
      Object.entries(bundles).map(([name, { input, file, format, outDir }]) => [
        name,
        {
          consumer: "client" as const,
          build: {
            outDir,
            emptyOutDir: false,
            minify: "terser" as const,
            terserOptions: {
              ecma: 2020 as const,
              toplevel: true,
              compress: {
                passes: name === "script" ? 2 : 3,
                unsafe_arrows: true,
                // What of it is smallest for brotli, was found by trying.
                ...(name === "script"
                  ? {
                      inline: 1,
                      hoist_funs: true,
                      unsafe: true,
                      unsafe_methods: true,
                      reduce_funcs: false,
                      collapse_vars: false,
                    }
                  : {}),
              },
            },
            target: "es2022",
            // The first with `light-dark()`: written for older ones, the badge's style would double.
            cssTarget: ["chrome123", "firefox120", "safari17.5"],
            modulePreload: false,
            cssCodeSplit: false,
            rolldownOptions: {
              input,
              // A slow machine is no fault of the bundle.
              checks: { pluginTimings: false },
              output: { format, entryFileNames: `${file}.js`, codeSplitting: false },
              ...(format === "es" ? { preserveEntrySignatures: "strict" as const } : {}),
            },
          },
        },
      ]),
    ),
    modules: modules("es", "js"),
    modulesCjs: modules("cjs", "cjs"),
    ...adminEnvironments,
    ...serverEnvironments,
  },
  builder: {
    async buildApp(builder) {
      const build = async (names: string[]) => {
        for (const name of names) {
          const environment = builder.environments[name];
          if (environment) await builder.build(environment);
        }
      };
      rmSync(`${ROOT}dist`, { recursive: true, force: true });
      await build([...Object.keys(bundles), "modules", "modulesCjs"]);
      writeBuiltIn(
        ROOT,
        Object.values(bundles).map(({ file }) => file),
      );
      await build(Object.keys(adminEnvironments));
      writeAdminScript(ROOT);
      await build(serverBundles);
      writeForRequire(ROOT);
    },
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/** What one `vite build --app` makes: the script of the tag, and the badge that it may fetch. */
const bundles = {
  script: { input: "widget/script.ts", file: "vambe-identity", format: "iife", outDir: "dist/widget" },
  badge: {
    input: "widget/badge/badge.tsx",
    file: "vambe-identity-badge",
    format: "es",
    outDir: "dist/widget",
  },
} as const;

const withoutHooks = fileURLToPath(new URL("widget/badge/without-hooks.ts", import.meta.url));
const badgeWithoutHooks: Plugin = {
  name: "badge-without-hooks",
  enforce: "pre",
  applyToEnvironment: ({ name }) => name === "badge",
  resolveId: (id) => (id === "preact/hooks" ? withoutHooks : undefined),
};

export default defineConfig({
  appType: "custom",
  plugins: [badgeWithoutHooks],
  // The same bundle whatever NODE_ENV says: tests build it too.
  oxc: { jsx: { development: false } },
  environments: Object.fromEntries(
    Object.entries(bundles).map(([name, { input, file, format, outDir }]) => [
      name,
      {
        consumer: "client" as const,
        build: {
          outDir,
          emptyOutDir: false,
          // Tens of bytes smaller than the default, and every byte is the customer's.
          minify: "terser" as const,
          terserOptions: {
            ecma: 2020 as const,
            toplevel: true,
            compress: { passes: 3, unsafe_arrows: true, pure_getters: true },
          },
          target: "es2022",
          // The first with `light-dark()`: written for older ones, the badge's style would double.
          cssTarget: ["chrome123", "firefox120", "safari17.5"],
          modulePreload: false,
          cssCodeSplit: false,
          rolldownOptions: {
            input,
            output: { format, entryFileNames: `${file}.js`, codeSplitting: false },
            ...(format === "es" ? { preserveEntrySignatures: "strict" as const } : {}),
          },
        },
      },
    ]),
  ),
  builder: {
    async buildApp(builder) {
      for (const name of Object.keys(bundles)) {
        const environment = builder.environments[name];
        if (environment) await builder.build(environment);
      }
    },
  },
});

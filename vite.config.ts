import { defineConfig } from "vite";

/** Three bundles, built by one `vite build --app`: the script tag, the badge it may fetch, the demo's pages. */
const bundles = {
  script: { input: "widget/script.ts", file: "vambe-identity", format: "iife", outDir: "dist/widget" },
  badge: { input: "widget/badge/badge.tsx", file: "vambe-identity-badge", format: "es", outDir: "dist/widget" },
} as const;

export default defineConfig({
  appType: "custom",
  environments: Object.fromEntries(
    Object.entries(bundles).map(([name, { input, file, format, outDir }]) => [
      name,
      {
        consumer: "client" as const,
        build: {
          outDir,
          emptyOutDir: false,
          target: "es2022",
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

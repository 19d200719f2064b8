import type { EnvironmentOptions } from "vite";

/** Where they are built, for `writeAdminScript` and the import `#admin-page`. */
const OUT_DIR = "dist/admin";

/**
 * The admin page: what draws it in the server, and its script. The server takes both in, and loads them where there is an
 * admin port.
 */
export const adminEnvironments: Record<string, EnvironmentOptions> = {
  adminPage: {
    consumer: "server",
    resolve: { noExternal: true, external: [] },
    build: {
      outDir: OUT_DIR,
      emptyOutDir: false,
      // The server's own bundle is made small as a whole.
      minify: false,
      cssMinify: true,
      target: "es2024",
      rolldownOptions: {
        input: { page: "server/admin/page/render.tsx" },
        preserveEntrySignatures: "strict",
        checks: { pluginTimings: false },
        output: { format: "es", entryFileNames: "[name].js", codeSplitting: false },
      },
    },
  },
  adminScript: {
    consumer: "client",
    build: {
      outDir: OUT_DIR,
      emptyOutDir: false,
      minify: "terser",
      terserOptions: { ecma: 2020, toplevel: true, compress: { passes: 2 } },
      target: "es2022",
      modulePreload: false,
      rolldownOptions: {
        input: "server/admin/page/browser.tsx",
        checks: { pluginTimings: false },
        output: { format: "es", entryFileNames: "browser.js", codeSplitting: false },
      },
    },
  },
};

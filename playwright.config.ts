import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "test/badge",
  testMatch: "**/*.spec.ts",
  snapshotPathTemplate: "{testDir}/references/{arg}{ext}",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
});

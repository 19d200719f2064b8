import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    exclude: ["test/e2e/**", "node_modules/**"],
    globalSetup: ["test/support/built-widget.ts"],
    // Most tests wait for processes and sockets, not for the processor.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});

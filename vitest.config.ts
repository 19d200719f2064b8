import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    // Faults take their time, and a machine to themselves: `npm run test:faults`.
    exclude: ["test/e2e/**", "node_modules/**", ...(process.env.VAMBE_TEST_FAULTS ? [] : ["test/faults/**"])],
    globalSetup: ["test/support/built-widget.ts"],
    // Most tests wait for processes and sockets, not for the processor.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});

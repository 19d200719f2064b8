import { defineConfig } from "vitest/config";

// Faults want the machine to themselves: `npm test` runs them after everything else.
const faults = "test/faults/**/*.test.ts";
const onlyFaults = process.env.VAMBE_TEST_FAULTS === "only";

export default defineConfig({
  test: {
    include: onlyFaults ? [faults] : ["test/**/*.test.{ts,tsx}"],
    exclude: ["node_modules/**", ...(onlyFaults ? [] : [faults])],
    globalSetup: ["test/support/built-widget.ts"],
    // Most tests wait for processes and sockets, not for the processor.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});

import { defineConfig } from "vitest/config";

// Faults want the machine to themselves: `npm test` runs them after everything else.
const faults = "test/faults/**/*.test.ts";
const onlyFaults = process.env.VAMBE_TEST_FAULTS === "only";
// Apps of other people's frameworks, which have to be installed first.
const mounts = "test/mounts/**/*.test.ts";
const onlyMounts = process.env.VAMBE_TEST_MOUNTS === "only";
const only = onlyFaults ? faults : onlyMounts ? mounts : undefined;

export default defineConfig({
  test: {
    include: only ? [only] : ["test/**/*.test.{ts,tsx}"],
    exclude: ["node_modules/**", ...(only ? [] : [faults, mounts])],
    globalSetup: onlyMounts ? ["test/mounts/harness/prepare.ts"] : ["test/support/built-widget.ts"],
    // Most tests wait for processes and sockets, not for the processor.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 90_000,
    // What a process prints may come later than what it answers.
    expect: { poll: { timeout: 30_000 } },
  },
});

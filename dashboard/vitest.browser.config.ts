import { defineConfig } from "vitest/config";

// The page in a real browser, against a running suite.
export default defineConfig({
  test: {
    include: ["browser/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Each file has a suite of its own; two cores carry one at a time.
    fileParallelism: false,
  },
});

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "dashboard/test/**/*.test.{ts,tsx}",
      "{services,hook-agents,test-containers}/*/test/**/*.test.ts",
    ],
    // Two cores: more workers only make the timing tests wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});

import { defineConfig } from "vitest/config";

/** LangGraph's suite for checkpoint savers wants its test functions global. */
const validation = "hook-agents/langgraph/test/validation/*.test.ts";

export default defineConfig({
  test: {
    // Two cores: more workers only make the timing tests wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: [
            "dashboard/test/**/*.test.{ts,tsx}",
            "{services,hook-agents,test-containers}/*/test/**/*.test.ts",
          ],
          exclude: [validation],
        },
      },
      {
        extends: true,
        test: {
          name: "langgraph-validation",
          include: [validation],
          globals: true,
          server: { deps: { inline: [/langgraph-checkpoint-validation/] } },
        },
      },
    ],
  },
});

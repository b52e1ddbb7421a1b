import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const service = "node_modules/.cache/agent-session-store/session-storage.mjs";
/** LangGraph's suite for checkpoint savers wants its test functions global. */
const validation = "hook-agents/langgraph/test/validation/*.test.ts";

export default defineConfig({
  test: {
    globalSetup: "scripts/build-for-tests.ts",
    // Tests start the service some hundred times: as one file it is there in a third of the time.
    env: { SESSION_STORE_SERVICE: fileURLToPath(new URL(service, import.meta.url)) },
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

import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const service = "node_modules/.cache/agent-session-store/session-storage.mjs";

export default defineConfig({
  test: {
    include: [
      "dashboard/test/**/*.test.{ts,tsx}",
      "{services,hook-agents,test-containers}/*/test/**/*.test.ts",
    ],
    globalSetup: "scripts/build-for-tests.ts",
    // Tests start the service some hundred times: as one file it is there in a third of the time.
    env: { SESSION_STORE_SERVICE: fileURLToPath(new URL(service, import.meta.url)) },
    // Two cores: more workers only make the timing tests wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});

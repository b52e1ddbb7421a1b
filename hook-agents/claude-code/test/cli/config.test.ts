import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readConfig } from "../../src/config.ts";
import { temporaryFolder } from "../support/relay.ts";

describe("the settings", () => {
  it("have defaults", () => {
    expect(readConfig({})).toMatchObject({
      serviceUrl: "http://localhost:9000",
      token: undefined,
      sessionId: undefined,
      port: 9_100,
      idleMs: 600_000,
      leaseMs: 60_000,
      claudeProject: undefined,
      mistakes: [],
    });
  });

  it.each([
    ["a port that is none", { SESSION_HOOK_PORT: "99999" }, "SESSION_HOOK_PORT must be a whole"],
    ["a time in words", { SESSION_HOOK_IDLE_MS: "soon" }, "SESSION_HOOK_IDLE_MS must be a whole"],
    [
      "a lease too short",
      { SESSION_LEASE_MS: "10" },
      "SESSION_LEASE_MS must be a whole number from 1000",
    ],
    ["a service without http", { SESSION_SERVICE_URL: "ftp://x" }, "SESSION_SERVICE_URL must be"],
    ["a relative spool", { SESSION_SPOOL_DIR: "spool" }, "SESSION_SPOOL_DIR must be an absolute"],
    ["a missing key file", { SESSION_TOKEN_FILE: "/no/such" }, "SESSION_TOKEN_FILE can't be read"],
  ])("fall back and tell: %s", (_name, env, mistake) => {
    const { mistakes, ...config } = readConfig(env);
    expect(mistakes).toEqual([expect.stringContaining(mistake)]);
    const { mistakes: _, tokenFile: __, ...defaults } = readConfig({});
    expect(config).toMatchObject(defaults);
  });

  it("take the first key of a key file, unless a token is given", async () => {
    const file = join(await temporaryFolder(), "keys");
    await writeFile(file, "# made at the first start\n\n  first  \nsecond\n");
    expect(readConfig({ SESSION_TOKEN_FILE: file }).token).toBe("first");
    expect(readConfig({ SESSION_TOKEN_FILE: file, SESSION_TOKEN: "own" }).token).toBe("own");
  });

  it("know Claude's folder, and its project where the CLI takes one", () => {
    const env = { CLAUDE_CONFIG_DIR: "/c", CLAUDE_CODE_PROJECT_DIR_NAME: "tenant-a" };
    expect(readConfig(env)).toMatchObject({ claudeDirectory: "/c", claudeProject: "tenant-a" });
    for (const ignored of [
      { CLAUDE_CODE_PROJECT_DIR_NAME: "tenant-a" },
      { ...env, CLAUDE_CODE_PROJECT_DIR_NAME: "../x" },
    ])
      expect(readConfig(ignored).claudeProject).toBeUndefined();
  });
});

import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it, vi } from "vitest";

import { shareService } from "../../node/test/support/service.ts";
import { temporaryDirectory } from "../../node/test/support/temporary-directory.ts";
import { loadAgentSdk, refold } from "./support/agent-sdk.ts";
import { conversation } from "./support/local-session.ts";
import { newKey } from "./support/store.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
vi.setConfig({ testTimeout: 60_000 });
const sdk = await loadAgentSdk();
const shared = shareService();

/** A project of somebody else's that has nothing but the built package and the SDK. */
function createProject(files: Record<string, string>, sdkFolder?: string): string {
  const project = temporaryDirectory();
  const target = join(project, "node_modules/@sessions/agent-sdk");
  mkdirSync(target, { recursive: true });
  const build = ["scripts/build-package.mjs", "hook-agents/agent-sdk", target];
  const built = spawnSync(process.execPath, build, { cwd: repository, encoding: "utf8" });
  expect(built.stdout + built.stderr).toBe("");
  if (sdkFolder !== undefined)
    symlinkSync(
      join(sdkFolder, "node_modules/@anthropic-ai"),
      join(project, "node_modules/@anthropic-ai"),
    );
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  return project;
}

const body = `
  const { PROJECT: projectKey, SESSION: sessionId, ENTRIES } = process.env;
  const sessionStore = createSessionStore();
  sessionStore
    .append({ projectKey, sessionId }, JSON.parse(ENTRIES))
    .then(() => sessionStore.flush({ timeoutMs: 20_000 }))
    .then((isFlushed) => process.exit(isFlushed ? 0 : 1));
`;

describe.skipIf(!sdk)("the built package", () => {
  it("works by import and by require, with the SDK that is installed beside it", async () => {
    if (!sdk) return;
    const { url } = shared.current;
    const project = createProject(
      {
        "esm.mjs": `import { createSessionStore } from "@sessions/agent-sdk";${body}`,
        "cjs.cjs": `const { createSessionStore } = require("@sessions/agent-sdk");${body}`,
      },
      sdk.folder,
    );
    for (const file of ["esm.mjs", "cjs.cjs"]) {
      const key = newKey();
      const entries = conversation(key.sessionId, 2);
      const program = spawnSync(process.execPath, [file], {
        cwd: project,
        encoding: "utf8",
        env: {
          SESSION_SERVICE_URL: url,
          SESSION_SPOOL_DIR: join(project, "spool"),
          SESSION_USER_ID: "ada",
          PROJECT: key.projectKey,
          SESSION: key.sessionId,
          ENTRIES: JSON.stringify(entries),
        },
      });
      expect([program.status, program.stderr]).toEqual([0, ""]);
      expect((await shared.current.metadata(key.sessionId)).userId).toBe("ada");
      const path = `/v1/store/${key.projectKey}/sessions/${key.sessionId}/summary`;
      expect(await (await fetch(url + path)).json()).toMatchObject({
        summary: { seq: entries.length, data: refold(sdk, key, entries) },
      });
    }
  });

  it("has types that the SDK takes", () => {
    const text = `
      const sessionStore = createSessionStore({ timeoutMs: 1_000, session: { userId: "ada" } });
      for await (const message of query({ prompt: "x", options: { sessionStore, sessionStoreFlush: "eager" } }))
        console.log(message.type);
      await importSessionToStore("id", sessionStore);
      await listSessions({ sessionStore });
      createSessionStore({ foldSessionSummary });
      const adapter: SessionStore = sessionStore;
      // @ts-expect-error -- a number
      createSessionStore({ timeoutMs: "1" });
    `;
    const project = createProject(
      {
        "esm.mts": `
          import { foldSessionSummary, importSessionToStore, listSessions, query, type SessionStore } from "@anthropic-ai/claude-agent-sdk";
          import { createSessionStore, SessionStoreError } from "@sessions/agent-sdk";
          declare const console: { log(value: unknown): void };
          ${text}
          if (adapter instanceof SessionStoreError) console.log(adapter.code);`,
        "cjs.cts": `
          import store = require("@sessions/agent-sdk");
          const sessionStore: store.SessionStore = store.createSessionStore();`,
      },
      sdk?.folder,
    );
    const options = "--noEmit --strict --skipLibCheck --module nodenext --target es2023 --types";
    const tsc = [join(typescript, "bin/tsc"), ...options.split(" "), "", "esm.mts", "cjs.cts"];
    const checked = spawnSync(process.execPath, tsc, { cwd: project, encoding: "utf8" });
    expect(checked.stdout).toBe("");
    expect(checked.status).toBe(0);
  });
});

import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { snippetsFor, storeFolder } from "../src/connect/snippets.ts";
import { type Service, startService } from "./support/service.ts";

const key = "0123456789abcdef";
const run = promisify(execFile);
const hookAgents = fileURLToPath(new URL("../../hook-agents", import.meta.url));

describe("what a newcomer copies", () => {
  let service: Service;
  /** As a checkout looks after `npm run build`. */
  let store: string;
  beforeAll(async () => {
    service = await startService("/nowhere", { AUTH: "on", API_KEYS: key });
    store = await mkdtemp(join(tmpdir(), "store-"));
    await mkdir(join(store, "hook-agents"));
    await symlink(join(hookAgents, "python"), join(store, "hook-agents/python"));
    const dist = join(store, "hook-agents/node/dist");
    execFileSync(process.execPath, [join(hookAgents, "node/build.mjs"), dist]);
  }, 60_000);
  afterAll(async () => {
    await service?.close();
    await rm(store, { recursive: true, force: true });
  });

  it.each([
    ["curl", "first"],
    ["Node", "first-node"],
    ["Python", "first-python"],
  ])(
    "records with %s as it stands",
    async (name, sessionId) => {
      const snippet = snippetsFor(service.url, true).find((one) => one.name === name);
      const folder = await mkdtemp(join(store, "own-"));
      if (snippet?.program)
        await writeFile(join(folder, snippet.program.file), snippet.program.text);
      const shell = snippet?.shell.replaceAll(storeFolder, store) ?? "";
      const env = { PATH: process.env["PATH"], HOME: store, KEY: key, npm_config_offline: "true" };
      await run("bash", ["-euc", shell], { cwd: folder, env });
      expect(await actionsOf(sessionId)).toMatchObject([{ type: "task_start" }]);
    },
    40_000,
  );

  it("names the service and asks for the key where one is needed only", () => {
    for (const { shell } of snippetsFor("http://box:9000", true)) expect(shell).toContain("KEY");
    for (const { shell } of snippetsFor("http://box:9000", false)) {
      expect(shell).toContain("http://box:9000");
      expect(shell).not.toContain("KEY");
    }
  });

  async function actionsOf(sessionId: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${service.url}/api/actions/${sessionId}`, { headers })).json();
  }
});

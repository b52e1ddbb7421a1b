import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { resumeLines, snippetsFor, storeFolder } from "../src/connect/snippets.ts";
import type { Event } from "../src/core/wire.ts";
import { type Service, startService } from "./support/service.ts";

const key = "0123456789abcdef";
const run = promisify(execFile);
const checkout = fileURLToPath(new URL("../..", import.meta.url));

it("resumes a session of Claude Code: restored first, then gone on with, whatever its names hold", async () => {
  const resumed = {
    sessionId: "s-1",
    claudeSession: "c'1\u001b[201~\n",
    workingDirectory: "/tmp/it's",
  };
  const lines = resumeLines("http://box:9000", true, resumed);
  const said = `cd() { echo "cd $1"; }; node() { echo "node $*"; }; claude() { echo "claude $*"; }`;
  const { stdout } = await run("bash", ["-euc", `KEY=k; ${said}\n${lines}`], {
    env: { PATH: process.env["PATH"], HOME: "/home/me" },
  });

  const hook = "node /home/me/agent-session-store/hook-agents/claude-code/dist/session-hook.mjs";
  expect(stdout.trim().split("\n")).toEqual([
    "cd /tmp/it's",
    `${hook} restore s-1`,
    `claude --settings ${hook} settings --resume c'1[201~`,
  ]);
});

describe("what a newcomer copies", () => {
  let service: Service;
  /** As a checkout looks after `npm run build`. */
  let store: string;
  beforeAll(async () => {
    service = await startService("/nowhere", { AUTH: "on", API_KEYS: key });
    store = await mkdtemp(join(tmpdir(), "store-"));
    await symlink(join(checkout, "hook-agents"), join(store, "hook-agents"));
    execFileSync("npm", ["run", "--silent", "build", "-w", "@sessions/hook-agent"], {
      cwd: checkout,
    });
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
      expect(await ask(`/api/actions/${sessionId}`)).toMatchObject([{ type: "task_start" }]);
    },
    40_000,
  );

  it("keeps a graph's run and its checkpoints with LangGraph's program", async () => {
    await runWithSources("LangGraph", { SESSION_ID: "first-graph" });
    const types = ((await ask("/api/actions/first-graph")) as { type: string }[]).map(
      ({ type }) => type,
    );
    expect(types).toContain("node_run");
    const { transcripts } = (await ask("/api/sessions/first-graph/transcripts")) as {
      transcripts: unknown[];
    };
    expect(transcripts.length).toBeGreaterThan(0);
  }, 40_000);

  it("keeps a transcript with the Agent SDK's program", async () => {
    // Not the SDK, which is not installed here: what it does with a store, in short.
    const sdk = `export async function* query({ prompt, options }) {
      const key = { projectKey: "p", sessionId: "first-sdk" };
      await options.sessionStore.append(key, [{ type: "user", uuid: "u", message: { content: prompt } }]);
      yield { type: "result", result: "hello" };
    }`;
    const { stdout } = await runWithSources("Agent SDK", {}, sdk);
    expect(stdout).toBe("hello\n");
    const { events } = (await ask("/api/sessions/first-sdk/events")) as { events: Event[] };
    expect(events.map(({ type }) => type)).toContain("transcript_entry");
  }, 40_000);

  it("names the service and asks for the key where one is needed only", () => {
    for (const { shell } of snippetsFor("http://box:9000", true)) expect(shell).toContain("KEY");
    for (const { shell } of snippetsFor("http://box:9000", false)) {
      expect(shell).toContain("http://box:9000");
      expect(shell).not.toContain("KEY");
    }
  });

  /** The program as it stands, with this checkout's packages in the place of those that it installs. */
  async function runWithSources(name: string, environment: Record<string, string>, sdk = "") {
    const program = snippetsFor(service.url, true).find((one) => one.name === name)?.program;
    const folder = await mkdtemp(join(store, "own-"));
    const modules = join(folder, "node_modules");
    await mkdir(join(modules, "@anthropic-ai/claude-agent-sdk"), { recursive: true });
    await writeFile(join(modules, "@anthropic-ai/claude-agent-sdk/index.mjs"), sdk);
    await writeFile(
      join(modules, "@anthropic-ai/claude-agent-sdk/package.json"),
      '{"exports":"./index.mjs"}',
    );
    for (const scope of ["@sessions", "@langchain"])
      await symlink(join(checkout, "node_modules", scope), join(modules, scope));
    const file = join(folder, program?.file ?? "");
    await writeFile(file, program?.text ?? "");
    const tsx = join(checkout, "node_modules/tsx/dist/loader.mjs");
    const env = {
      PATH: process.env["PATH"],
      HOME: store,
      SESSION_SERVICE_URL: service.url,
      SESSION_TOKEN: key,
      ...environment,
    };
    return run(process.execPath, ["--import", tsx, file], { cwd: folder, env });
  }

  async function ask(path: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(service.url + path, { headers })).json();
  }
});

import { spawn } from "node:child_process";
import { appendFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Config } from "../../src/config.ts";
import { openRelay, type Relay } from "../../src/relay/relay.ts";
import { restoreCommand } from "../../src/restore/command.ts";
import type { RestoreReport } from "../../src/restore/restore.ts";
import { folderNameOf } from "../../src/transcripts/place.ts";
import { configFor, postHook, silentLog, temporaryFolder } from "../support/relay.ts";
import {
  readEvents,
  type Service,
  startService,
  waitForEvent,
  type WireEvent,
} from "../support/service.ts";
import {
  answerLine,
  modeLine,
  readStored,
  type TranscriptFiles,
  transcriptFiles,
  userLine,
} from "../support/transcript.ts";

let service: Service;
let folder: string;
const opened: Relay[] = [];

beforeAll(async () => {
  service = await startService(join(await temporaryFolder(), "store"));
});
afterAll(() => service.kill("SIGKILL"));
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close({ timeoutMs: 200 });
});

/** A container: a home of its own, with a relay's spool and Claude's folder. */
const containerConfig = (name: string, more: Partial<Config> = {}) =>
  configFor(join(folder, name, "spool"), {
    serviceUrl: service.url,
    claudeDirectory: join(folder, name),
    ...more,
  });

async function openIn(config: Config): Promise<Relay> {
  const relay = await openRelay({ config, log: silentLog, tickMs: 50 });
  opened.push(relay);
  return relay;
}
const hookTo =
  (relay: Relay, files: TranscriptFiles) =>
  (event: string, more: object = {}) =>
    postHook(relay.port, {
      session_id: files.claudeSession,
      transcript_path: files.path,
      cwd: "/work/app",
      hook_event_name: event,
      ...more,
    });
const entries = (count: number) => {
  let seen = 0;
  return ({ type }: WireEvent) => type === "transcript_entry" && ++seen === count;
};

async function restoreIn(
  config: Config,
  args: readonly string[],
): Promise<{ report: RestoreReport; code: number; err: string; out: string }> {
  const { out, err, code } = await restoreCommand(config, [...args, "--json"], folder);
  return { report: JSON.parse(out) as RestoreReport, code, err, out };
}
async function newFolder(name: string): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  return join(folder, name);
}

const inputs = { command: "sleep 60", description: "wait" };
const callLine = {
  ...answerLine("calling", 5),
  message: {
    ...answerLine("calling", 5).message,
    content: [{ type: "tool_use", id: "t1", name: "Bash", input: inputs }],
  },
};

/** A turn with a subagent, in the middle of which its container is gone. */
async function leaveInMidTurn(more: Partial<Config> = {}) {
  const files = transcriptFiles(join(folder, "first"));
  const relay = await openIn(containerConfig("first", more));
  const sessionId = more.sessionId ?? files.claudeSession;
  const hook = hookTo(relay, files);
  const main = [modeLine("normal"), userLine("Go"), modeLine("normal"), callLine];
  const agent = [userLine("Look"), answerLine("found", 3)];
  await hook("SessionStart", { source: "startup" });
  await hook("UserPromptSubmit", { prompt: "Go" });
  const subagent = { agent_id: "a1", agent_type: "Explore" };
  await hook("SubagentStart", subagent);
  await hook("TaskCreated", { task_id: "1", task_subject: "Write" });
  await files.write(main);
  await files.write(agent, "subagents/agent-a1");
  const note = { agentType: "Explore", toolUseId: "t0" };
  const notePath = join(dirname(files.path), files.claudeSession, "subagents/agent-a1.meta.json");
  await writeFile(notePath, JSON.stringify(note));
  await hook("PreToolUse", { tool_name: "Bash", tool_use_id: "t1", tool_input: inputs });
  await waitForEvent(service.url, sessionId, entries(7));
  return { files, relay, hook, sessionId, main, agent, note };
}
/** What a kill -9 leaves to others: a lease that nobody renews. */
const vanish = async (relay: Relay) => {
  opened.splice(opened.indexOf(relay), 1);
  await relay.close({ timeoutMs: 0 });
};

describe("a session that is restored in another container", () => {
  it("has its transcripts where the CLI finds them, for another folder too", async () => {
    const { relay, files, main, agent, note } = await leaveInMidTurn();
    await vanish(relay);
    const cwd = await newFolder("elsewhere");
    const config = containerConfig("second");
    const { report, code } = await restoreIn(config, [
      files.claudeSession,
      "--force",
      "--cwd",
      cwd,
    ]);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      sessionId: files.claudeSession,
      cwd,
      command: ["claude", "--resume", files.claudeSession],
      lease: { epoch: 2 },
    });
    const project = join(config.claudeDirectory, "projects", folderNameOf(cwd));
    const read = async (name: string) =>
      (await readFile(join(project, name), "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object);
    expect(await read(`${files.claudeSession}.jsonl`)).toEqual(main);
    expect(await read(`${files.claudeSession}/subagents/agent-a1.jsonl`)).toEqual(agent);
    expect(await read(`${files.claudeSession}/subagents/agent-a1.meta.json`)).toEqual([note]);
  });

  it("goes on there: nothing is double, and what ran is interrupted", async () => {
    const { relay, files, main, agent } = await leaveInMidTurn();
    await vanish(relay);
    const before = await readEvents(service.url, files.claudeSession);
    const config = containerConfig("second");
    const cwd = await newFolder("elsewhere");
    const { report } = await restoreIn(config, [files.claudeSession, "--force", "--cwd", cwd]);

    const there = transcriptFiles(join(folder, "second"), files.claudeSession);
    const path = report.transcripts[0]?.path ?? "";
    const second = await openIn(config);
    const hook = hookTo(second, { ...there, path });
    await hook("SessionStart", { source: "resume", cwd });
    await hook("UserPromptSubmit", { prompt: "Go on" });
    const more = [modeLine("normal"), userLine("Go on"), answerLine("Done", 2)];
    await appendFile(path, more.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    await hook("Stop", { last_assistant_message: "Done" });
    await hook("SessionEnd", { reason: "other" });
    await second.close({ timeoutMs: 10_000 });

    expect(await readStored(service.url, files.claudeSession)).toEqual([...main, ...more]);
    const stored = await readStored(service.url, files.claudeSession, "subagents/agent-a1");
    expect(stored?.slice(0, 2)).toEqual(agent);
    expect(stored).toHaveLength(3);

    const events = await readEvents(service.url, files.claudeSession);
    expect(events.slice(0, before.length)).toEqual(before);
    const actions = events.filter(({ type }) => type === "action").map(({ data }) => data);
    expect(actions.map(({ type }) => type)).toEqual([
      "session_start",
      "user_prompt",
      "session_restored",
      "tool_use",
      "session_start",
      "user_prompt",
    ]);
    expect(actions[2]?.["details"]).toMatchObject({
      from: { workingDirectory: "/work/app" },
      to: { workingDirectory: cwd },
      epoch: 2,
      transcripts: 2,
      entries: 6,
    });
    expect(actions[3]?.["details"]).toMatchObject({ outcome: "interrupted", input: inputs });
    const view = (await (
      await fetch(`${service.url}/api/sessions/${files.claudeSession}`)
    ).json()) as { state: Record<string, unknown>; metadata: Record<string, unknown> };
    expect(view.state).toMatchObject({
      // The first container's 5 + 3 of the subagent, and 2 of the second one.
      usage: { inputTokens: 10 },
      agents: [{ agentId: "a1", status: "stopped" }],
      goals: [{ description: "Write" }],
    });
    expect(view.metadata).toMatchObject({ status: "completed", lease: { owner: null, epoch: 2 } });
  });

  it("goes on in a relay that was there before it was restored", async () => {
    const { relay, files } = await leaveInMidTurn();
    await vanish(relay);
    const config = containerConfig("second");
    const second = await openIn(config);
    await hookTo(second, { ...files, claudeSession: "before" })("SessionStart");
    const cwd = await newFolder("elsewhere");
    const { report } = await restoreIn(config, [files.claudeSession, "--force", "--cwd", cwd]);
    const path = report.transcripts[0]?.path ?? "";
    await hookTo(second, { ...files, path })("SessionStart", { source: "resume" });
    await appendFile(path, `${JSON.stringify(userLine("more"))}\n`);
    await waitForEvent(service.url, files.claudeSession, entries(8));
    await second.close({ timeoutMs: 5_000 });
    const events = await readEvents(service.url, files.claudeSession);
    expect(events.filter(({ data }) => data["type"] === "session_restored")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "transcript_entry")).toHaveLength(8);
  });

  it("is found by either id where SESSION_ID names it", async () => {
    const sessionId = `run-${Date.now()}`;
    const { relay, files, main } = await leaveInMidTurn({ sessionId });
    await vanish(relay);
    for (const [args, more] of [
      [[sessionId], {}],
      [[files.claudeSession], {}],
      [[files.claudeSession], { sessionId }],
      [[], { sessionId }],
    ] as const) {
      const config = containerConfig(`by-${args.length}-${Object.keys(more).length}`, more);
      const { report } = await restoreIn(config, [...args, "--force"]);
      expect(report).toMatchObject({ sessionId, claudeSession: files.claudeSession });
      expect(report.transcripts).toMatchObject([{ entries: main.length }, { entries: 2 }]);
    }
  });
});

describe("a session that another writer has", () => {
  it("is not restored while that lives, and nothing is left behind", async () => {
    const { files, relay } = await leaveInMidTurn();
    const config = containerConfig("second");
    const { out, err, code } = await restoreIn(config, [files.claudeSession]);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "lease_held" } });
    expect(err).toMatch(/^session-hook restore: .+ writes session .+ now, until .+ s\) if it/);
    await expect(readFile(join(folder, "second", "projects"))).rejects.toThrow("ENOENT");

    await relay.close({ timeoutMs: 5_000 });
    const { files: own } = { files };
    expect((await restoreIn(config, [own.claudeSession, "--force"])).code).toBe(0);
  });

  it("is restored without force once that has let go", async () => {
    const { files, relay, hook } = await leaveInMidTurn();
    await hook("SessionEnd", { reason: "other" });
    await relay.close({ timeoutMs: 5_000 });
    const { report, code } = await restoreIn(containerConfig("second"), [files.claudeSession]);
    expect(code).toBe(0);
    expect(report.lease?.epoch).toBe(2);
  });

  it("is taken by force, and the first writer is left out from then on", async () => {
    const { files, hook } = await leaveInMidTurn();
    await restoreIn(containerConfig("second"), [files.claudeSession, "--force"]);
    await files.write([userLine("late")]);
    await hook("PostToolUse", { tool_name: "Bash", tool_use_id: "t1", tool_response: "late" });
    await hook("SessionEnd", { reason: "other" });
    await opened[0]?.close({ timeoutMs: 5_000 });
    const events = await readEvents(service.url, files.claudeSession);
    expect(events.at(-1)).toMatchObject({ type: "lease_acquired", data: { reason: "forced" } });
  });

  it("goes on in a copy with --fork, and is left alone", async () => {
    const { files, main } = await leaveInMidTurn();
    const before = await readEvents(service.url, files.claudeSession);
    const config = containerConfig("second");
    const { report } = await restoreIn(config, [files.claudeSession, "--fork"]);
    expect(report).toMatchObject({ parentSession: files.claudeSession, lease: null });
    expect(report.command).toEqual([
      "claude",
      "--resume",
      files.claudeSession,
      "--fork-session",
      "--session-id",
      report.sessionId,
    ]);

    // What the CLI makes of it: the whole conversation in a file of the new id.
    const fork = transcriptFiles(join(folder, "second"), report.claudeSession);
    await fork.write([...main, userLine("Go on")]);
    const relay = await openIn(config);
    const hook = hookTo(relay, fork);
    await hook("SessionStart", { source: "fork" });
    await hook("SessionEnd", { reason: "other" });
    await relay.close({ timeoutMs: 5_000 });
    expect(await readStored(service.url, report.sessionId)).toHaveLength(main.length + 1);
    const forked = await readEvents(service.url, report.sessionId);
    expect(forked[0]?.data).toMatchObject({ parentSession: files.claudeSession });
    expect(forked.find(({ data }) => data["type"] === "session_restored")?.data).toMatchObject({
      details: { forkOf: files.claudeSession },
    });
    expect(await readEvents(service.url, files.claudeSession)).toEqual(before);
  });

  it("is not touched while Claude runs here with it", async () => {
    const { files, relay } = await leaveInMidTurn();
    const claude = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      await fetch(`http://127.0.0.1:${relay.port}/hook`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-claude-pid": String(claude.pid) },
        body: JSON.stringify({ session_id: files.claudeSession, hook_event_name: "PreToolUse" }),
      });
      const config = containerConfig("first", { port: relay.port });
      const { out, code } = await restoreIn(config, [files.claudeSession, "--force"]);
      expect(code).toBe(3);
      expect(JSON.parse(out)).toMatchObject({ error: { code: "running_here" } });
    } finally {
      claude.kill("SIGKILL");
    }
  });
});

describe("a session of which something stands here", () => {
  it("keeps and sends what the service lacks, and goes on with all of it", async () => {
    const { relay, files, main } = await leaveInMidTurn();
    await vanish(relay);
    // The home outlived its container, with lines that were never sent and one that was cut.
    const unsent = [modeLine("normal"), answerLine("unsent", 1)];
    await files.write(unsent);
    await appendFile(files.path, '{"uuid":"cut');
    await files.write([userLine("alone")], "subagents/agent-a2");
    const config = containerConfig("first");
    const cwd = await newFolder("work-app");
    const project = join(folder, "first", "projects", folderNameOf(cwd));
    await cp(dirname(files.path), project, { recursive: true });
    const { report, code } = await restoreIn(config, [files.claudeSession, "--cwd", cwd]);

    expect(code).toBe(0);
    expect(report.transcripts).toMatchObject([
      { entries: 4, added: 0, own: 2, torn: expect.stringContaining(".torn-") as string },
      { entries: 2, added: 0, own: 0 },
      { entries: 0, added: 0, own: 1 },
    ]);
    expect(await readStored(service.url, files.claudeSession)).toEqual([...main, ...unsent]);
    expect(await readStored(service.url, files.claudeSession, "subagents/agent-a2")).toHaveLength(
      1,
    );

    const path = join(project, `${files.claudeSession}.jsonl`);
    const next = await openIn(config);
    await hookTo(next, { ...files, path })("SessionStart", { source: "resume" });
    await appendFile(path, `${JSON.stringify(userLine("more"))}\n`);
    await waitForEvent(service.url, files.claudeSession, entries(11));
    await next.close({ timeoutMs: 5_000 });
    expect(await readStored(service.url, files.claudeSession)).toHaveLength(7);
  });
});

describe("restore", () => {
  it.each([
    ["an unknown option", ["x", "--all"], 2],
    ["two sessions", ["x", "y"], 2],
    ["a fork by force", ["x", "--fork", "--force"], 2],
    ["no session at all", [], 2],
    ["a session that is not there", ["no-such-session"], 1],
    ["a folder that is not there", ["x", "--cwd", "/no/such/folder"], 2],
  ])("tells what is wrong: %s", async (_name, args, expected) => {
    const { code, err } = await restoreCommand(containerConfig("second"), args, folder);
    expect(code).toBe(expected);
    expect(err).toMatch(/^session-hook restore: .+\n$/);
  });

  it("says so, and lets go of the lease, when there is no transcript", async () => {
    await fetch(`${service.url}/api/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sessionId: "bare" }),
    });
    const { err, code } = await restoreCommand(containerConfig("second"), ["bare"], folder);
    expect([code, err]).toEqual([
      1,
      "session-hook restore: session bare has no transcript of Claude Code\n",
    ]);
    const events = await readEvents(service.url, "bare");
    expect(events.map(({ type }) => type)).toEqual(["session_created"]);
  });

  it("says what it has done as a script that goes on", async () => {
    const { relay, files } = await leaveInMidTurn();
    await vanish(relay);
    const cwd = await newFolder("it's here");
    const args = [files.claudeSession, "--force", "--cwd", cwd];
    const { out } = await restoreCommand(containerConfig("second"), args, folder);
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(0, -1).every((line) => line.startsWith("# "))).toBe(true);
    expect(lines[0]).toContain("restored 6 entries in 2 transcripts");
    expect(lines.at(-1)).toBe(
      `cd '${cwd.replace("'", "'\\''")}' && claude --resume ${files.claudeSession}`,
    );
  });
});

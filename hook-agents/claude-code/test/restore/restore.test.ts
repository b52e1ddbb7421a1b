import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { textOf } from "../../src/mapping/payload.ts";
import { openInbox } from "../../src/relay/inbox.ts";
import { restoreCommand } from "../../src/restore/command.ts";
import { folderNameOf } from "../../src/transcripts/place.ts";
import { containers, entries, openInput } from "../support/containers.ts";
import { silentLog } from "../support/relay.ts";
import { readEvents, waitForEvent } from "../support/service.ts";
import {
  answerLine,
  modeLine,
  readStored,
  transcriptFiles,
  userLine,
} from "../support/transcript.ts";

const here = containers();

describe("a session that is restored in another container", () => {
  it("has its transcripts where the CLI finds them, for another folder too", async () => {
    const { relay, files, main, agent, note } = await here.leaveInMidTurn();
    await here.vanish(relay);
    const cwd = await here.newFolder("elsewhere");
    const config = here.config("second");
    const { report, code } = await here.restore(config, [
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
    const { relay, files, main, agent } = await here.leaveInMidTurn();
    await here.vanish(relay);
    const before = await readEvents(here.url(), files.claudeSession);
    const config = here.config("second");
    const cwd = await here.newFolder("elsewhere");
    const { report } = await here.restore(config, [files.claudeSession, "--force", "--cwd", cwd]);

    const there = transcriptFiles(join(here.folder(), "second"), files.claudeSession);
    const path = report.transcripts[0]?.path ?? "";
    const second = await here.open(config);
    const hook = here.hookTo(second, { ...there, path });
    await hook("SessionStart", { source: "resume", cwd });
    await hook("UserPromptSubmit", { prompt: "Go on" });
    const more = [modeLine("normal"), userLine("Go on"), answerLine("Done", 2)];
    await appendFile(path, more.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    await hook("Stop", { last_assistant_message: "Done" });
    await hook("SessionEnd", { reason: "other" });
    await waitForEvent(here.url(), files.claudeSession, entries(7 + more.length));
    const status = await fetch(`http://127.0.0.1:${second.port}/status`);
    const { sessions } = (await status.json()) as {
      sessions: Record<string, { duplicates: number }>;
    };
    // The session itself, which each relay begins with.
    expect(sessions[files.claudeSession]?.duplicates).toBe(1);
    await second.close({ timeoutMs: 10_000 });

    expect(await readStored(here.url(), files.claudeSession)).toEqual([...main, ...more]);
    const stored = await readStored(here.url(), files.claudeSession, "subagents/agent-a1");
    const isNote = (entry: unknown) => textOf(entry, "type") === "agent_metadata";
    expect(stored?.filter((entry) => !isNote(entry))).toEqual(agent);
    expect(stored?.filter(isNote)).toHaveLength(1);

    const events = await readEvents(here.url(), files.claudeSession);
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
    expect(actions[3]?.["details"]).toMatchObject({ outcome: "interrupted", input: openInput });
    const view = (await (
      await fetch(`${here.url()}/api/sessions/${files.claudeSession}`)
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
    const { relay, files } = await here.leaveInMidTurn();
    await here.vanish(relay);
    const config = here.config("second");
    const second = await here.open(config);
    await here.hookTo(second, { ...files, claudeSession: "before" })("SessionStart");
    const cwd = await here.newFolder("elsewhere");
    const { report } = await here.restore(config, [files.claudeSession, "--force", "--cwd", cwd]);
    const path = report.transcripts[0]?.path ?? "";
    await here.hookTo(second, { ...files, path })("SessionStart", { source: "resume" });
    await appendFile(path, `${JSON.stringify(userLine("more"))}\n`);
    await waitForEvent(here.url(), files.claudeSession, entries(8));
    await second.close({ timeoutMs: 5_000 });
    const events = await readEvents(here.url(), files.claudeSession);
    expect(events.filter(({ data }) => data["type"] === "session_restored")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "transcript_entry")).toHaveLength(8);
  });

  it("is taken over once, however many hooks wait for it", async () => {
    const { relay, files } = await here.leaveInMidTurn();
    await here.vanish(relay);
    const config = here.config("second");
    await here.restore(config, [files.claudeSession, "--force"]);
    const inbox = openInbox(join(config.spoolDirectory, "inbox"), silentLog);
    for (const [hook_event_name, more] of [
      ["SessionStart", { source: "resume" }],
      ["UserPromptSubmit", { prompt: "Go on" }],
      ["PreToolUse", { tool_name: "Bash", tool_use_id: "t2", tool_input: {} }],
    ] as const) {
      const payload = { session_id: files.claudeSession, hook_event_name, ...more };
      inbox.add(Buffer.from(JSON.stringify(payload)));
    }
    inbox.close();
    const second = await here.open(config);
    await second.close({ timeoutMs: 5_000 });
    const events = await readEvents(here.url(), files.claudeSession);
    expect(events.filter(({ data }) => data["type"] === "session_restored")).toHaveLength(1);
    const { state } = (await (
      await fetch(`${here.url()}/api/sessions/${files.claudeSession}`)
    ).json()) as { state: Record<string, unknown> };
    expect(state).toMatchObject({ phase: "working", running: { t2: { tool: "Bash" } } });
  });

  it("is found by either id where SESSION_ID names it", async () => {
    const sessionId = `run-${Date.now()}`;
    const { relay, files, main } = await here.leaveInMidTurn({ sessionId });
    await here.vanish(relay);
    for (const [args, more] of [
      [[sessionId], {}],
      [[files.claudeSession], {}],
      [[files.claudeSession], { sessionId }],
      [[], { sessionId }],
    ] as const) {
      const config = here.config(`by-${args.length}-${Object.keys(more).length}`, more);
      const { report } = await here.restore(config, [...args, "--force"]);
      expect(report).toMatchObject({ sessionId, claudeSession: files.claudeSession });
      expect(report.transcripts).toMatchObject([{ entries: main.length }, { entries: 2 }]);
    }
  });
});

describe("a session of which something stands here", () => {
  it("keeps and sends what the service lacks, and goes on with all of it", async () => {
    const { relay, files, main, note } = await here.leaveInMidTurn();
    await here.vanish(relay);
    // The home outlived its container, with lines that were never sent and one that was cut.
    const unsent = [modeLine("normal"), answerLine("unsent", 1)];
    await files.write(unsent);
    await appendFile(files.path, '{"uuid":"cut');
    await files.write([userLine("alone")], "subagents/agent-a2");
    const config = here.config("first");
    const cwd = await here.newFolder("work-app");
    const project = join(here.folder(), "first", "projects", folderNameOf(cwd));
    await cp(dirname(files.path), project, { recursive: true });
    const subagents = join(project, files.claudeSession, "subagents");
    const newer = { ...note, finished: true };
    await writeFile(join(subagents, "agent-a1.meta.json"), JSON.stringify(newer));
    const { report, code } = await here.restore(config, [files.claudeSession, "--cwd", cwd]);

    expect(code).toBe(0);
    expect(report.transcripts).toMatchObject([
      { entries: 4, added: 0, own: 2, torn: expect.stringContaining(".torn-") as string },
      { entries: 2, added: 0, own: 0 },
      { entries: 0, added: 0, own: 1 },
    ]);
    expect(await readStored(here.url(), files.claudeSession)).toEqual([...main, ...unsent]);
    expect(await readStored(here.url(), files.claudeSession, "subagents/agent-a2")).toHaveLength(1);

    const path = join(project, `${files.claudeSession}.jsonl`);
    const next = await here.open(config);
    await here.hookTo(next, { ...files, path })("SessionStart", { source: "resume" });
    await appendFile(path, `${JSON.stringify(userLine("more"))}\n`);
    await waitForEvent(here.url(), files.claudeSession, entries(12));
    await next.close({ timeoutMs: 5_000 });
    const agent = await readStored(here.url(), files.claudeSession, "subagents/agent-a1");
    expect(agent?.at(-1)).toEqual({ type: "agent_metadata", ...newer });
    expect(await readStored(here.url(), files.claudeSession)).toHaveLength(7);
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
    const { code, err } = await restoreCommand(here.config("second"), args, here.folder());
    expect(code).toBe(expected);
    expect(err).toMatch(/^session-hook restore: .+\n$/);
  });

  it("says so, and lets go of the lease, when there is no transcript", async () => {
    await fetch(`${here.url()}/api/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sessionId: "bare" }),
    });
    const { err, code } = await restoreCommand(here.config("second"), ["bare"], here.folder());
    expect([code, err]).toEqual([
      1,
      "session-hook restore: session bare has no transcript of Claude Code\n",
    ]);
    const events = await readEvents(here.url(), "bare");
    expect(events.map(({ type }) => type)).toEqual(["session_created"]);
  });

  it("gives the lease back when nothing can be put where it belongs", async () => {
    const { relay, files } = await here.leaveInMidTurn();
    await here.vanish(relay);
    const config = here.config("second", { claudeDirectory: files.path });
    const { code } = await here.restore(config, [files.claudeSession, "--force"]);
    expect(code).toBe(1);
    expect((await readEvents(here.url(), files.claudeSession)).at(-1)).toMatchObject({
      type: "lease_released",
      data: { epoch: 2 },
    });
  });

  it("says what it has done as a script that goes on", async () => {
    const { relay, files } = await here.leaveInMidTurn();
    await here.vanish(relay);
    const cwd = await here.newFolder("it's here");
    const args = [files.claudeSession, "--force", "--cwd", cwd];
    const { out } = await restoreCommand(here.config("second"), args, here.folder());
    const lines = out.trimEnd().split("\n");
    expect(lines.slice(0, -1).every((line) => line.startsWith("# "))).toBe(true);
    expect(lines[0]).toContain("restored 6 entries in 2 transcripts");
    expect(lines.at(-1)).toBe(
      `cd '${cwd.replace("'", "'\\''")}' && claude --resume ${files.claudeSession}`,
    );
  });
});

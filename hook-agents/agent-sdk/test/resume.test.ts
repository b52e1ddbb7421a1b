import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Step } from "@sessions/scripted-model";
import { describe, expect, it, onTestFinished } from "vitest";

import { buildSessionHook } from "../../claude-code/build.mjs";
import { createSettings } from "../../claude-code/src/settings.ts";
import { installClaude } from "../../claude-code/test/support/claude.ts";
import { freePort, killRelay } from "../../claude-code/test/support/relay.ts";
import { createService, shareService } from "../../node/test/support/service.ts";
import { temporaryDirectory } from "../../node/test/support/temporary-directory.ts";
import { loadAgentSdk } from "./support/agent-sdk.ts";
import { ask, type HostOptions, messagesOf, type SdkMessage } from "./support/host.ts";
import { startRecordingModel } from "./support/model.ts";
import type { Program } from "./support/program.ts";

const sdk = await loadAgentSdk();
const claude = await installClaude();
if ("reason" in claude) process.stdout.write(`skipped: ${claude.reason}\n`);
const cli = "path" in claude ? claude.path : "";

const scriptOf = (text: string, ...steps: Step[]) => `${text} SCRIPT:${JSON.stringify(steps)}`;
const bash = (command: string) => ({ tool: "Bash", input: { command } });

/** A prompt whose turn calls a tool and a subagent, which follows the steps. */
function withSubagent(answer: string, ...steps: Step[]): string {
  const prompt = scriptOf("Look.", ...steps);
  const agent = { description: "look", subagent_type: "general-purpose", prompt };
  const call = { tool: "Agent", input: agent };
  return scriptOf("Begin.", bash("echo one"), call, { text: "waiting" }, { text: answer });
}

const shared = shareService();

async function openHosts() {
  if (!sdk) throw new Error("there is no SDK");
  const model = await startRecordingModel();
  const cwd = temporaryDirectory();
  const host: HostOptions = {
    sdk,
    cli,
    modelUrl: model.url,
    serviceUrl: shared.current.url,
    cwd,
  };
  return { model, host };
}

/** The CLI's own transcripts, by their place below the main one, which is "". */
function linesBelow(projects: string): Map<string, string[]> {
  const names = readdirSync(projects, { recursive: true, encoding: "utf8" });
  return new Map(
    names
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => [
        name.split("/").slice(2).join("/").replace(".jsonl", ""),
        readFileSync(join(projects, name), "utf8").trimEnd().split("\n"),
      ]),
  );
}

const isNote = (line: string) => line.includes('"type":"agent_metadata"');
const hasUuid = (line: string) => /[{,]"uuid":/.test(line);

async function resultOf(program: Program): Promise<SdkMessage | undefined> {
  expect([await program.ended, program.errors]).toEqual([0, []]);
  const messages = messagesOf(program);
  expect(messages.filter(({ subtype }) => subtype === "mirror_error")).toEqual([]);
  return messages.findLast(({ type }) => type === "result");
}

describe.skipIf(!sdk || !cli)("a session of the real SDK", { timeout: 60_000 }, () => {
  it("goes on in another process with an empty home, its subagent too, and is continued in a third", async () => {
    const { model, host } = await openHosts();
    const begin = withSubagent("First is done", bash("echo seen"), { text: "found" });
    const first = await resultOf(ask(host, { PROMPT: begin }));
    expect(first?.result).toBe("First is done");
    const sessionId = first?.session_id ?? "";
    const before = model.heard.splice(0);
    const said = before.findLast(({ agentId }) => agentId === "")?.said ?? [];
    const subagent = before.findLast(({ agentId }) => agentId !== "");
    expect(said).toContain('user: result "one"');

    const again = scriptOf("Look again.", { text: "found more" });
    const message = { to: subagent?.agentId, summary: "look again", message: again };
    const goOn = scriptOf(
      "Go on.",
      { tool: "ToolSearch", input: { query: "select:SendMessage" } },
      { tool: "SendMessage", input: message },
      { text: "asked" },
      { text: "Second is done" },
    );
    const second = await resultOf(ask(host, { PROMPT: goOn, RESUME: sessionId }));
    expect([second?.session_id, second?.result]).toEqual([sessionId, "Second is done"]);
    const heard = model.heard.splice(0);
    expect(heard[0]?.said.slice(0, said.length)).toEqual(said);
    expect(heard[0]?.said.slice(-2)).toEqual(["assistant: First is done", `user: ${goOn}`]);
    const resumed = heard.find(({ agentId }) => agentId === subagent?.agentId);
    expect(resumed?.said.slice(0, -1)).toEqual([...(subagent?.said ?? []), "assistant: found"]);

    const last = scriptOf("And now?", { text: "Third is done" });
    const third = await resultOf(ask(host, { PROMPT: last, CONTINUE: "1" }));
    expect([third?.session_id, third?.result]).toEqual([sessionId, "Third is done"]);
    expect(model.heard[0]?.said).toContain("assistant: Second is done");
    expect((await shared.current.metadata(sessionId)).activity.status).toBe("idle");
  });

  it("goes on after kill -9 in the middle of a turn, from what was flushed eagerly", async () => {
    const { model, host } = await openHosts();
    const begin = scriptOf("Begin.", bash("echo one"), bash("tail -f /dev/null"), {
      text: "never",
    });
    const first = ask(host, { PROMPT: begin, FLUSH: "eager" });
    const sessionId = (JSON.parse(await first.line(() => true)) as SdkMessage).session_id ?? "";
    const isCalled = async () =>
      (await shared.current.events(sessionId).catch(() => [])).some(({ data }) =>
        // As a call; in the prompt's script it stands within a string.
        JSON.stringify(data).includes('"input":{"command":"tail -f /dev/null"}'),
      );
    await expect.poll(isCalled, { timeout: 20_000 }).toBe(true);
    await first.kill();
    expect((await shared.current.metadata(sessionId)).activity.status).toBe("running");

    model.heard.splice(0);
    const goOn = scriptOf("Go on.", { text: "Done after all" });
    const second = await resultOf(ask(host, { PROMPT: goOn, RESUME: sessionId, FLUSH: "eager" }));
    expect([second?.session_id, second?.result]).toEqual([sessionId, "Done after all"]);
    const said = model.heard[0]?.said ?? [];
    expect(said.slice(0, 3)).toEqual([
      `user: ${begin}`,
      `assistant: ${'Bash {"command":"echo one"}'}`,
      'user: result "one"',
    ]);
    expect(said.at(-1)).toBe(`user: ${goOn}`);
    expect((await shared.current.metadata(sessionId)).activity.status).toBe("idle");
  });

  it("is recorded once where the relay for Claude Code records it too, from one spool", async () => {
    const { host } = await openHosts();
    const program = join(temporaryDirectory(), "session-hook.mjs");
    await buildSessionHook(dirname(program));
    const port = await freePort();
    onTestFinished(() => killRelay(port));
    const home = temporaryDirectory();
    const both = { ...host, home, spoolDirectory: temporaryDirectory() };
    const first = await resultOf(
      ask(both, {
        PROMPT: withSubagent("Done", { text: "found" }),
        SETTINGS: JSON.stringify(createSettings(port, `node '${program}'`)),
        SESSION_HOOK_PORT: String(port),
      }),
    );
    const sessionId = first?.session_id ?? "";
    const read = () => shared.current.events(sessionId);
    // The relay is done with it.
    const isLetGo = async () => (await read()).some(({ type }) => type === "lease_released");
    await expect.poll(isLetGo, { timeout: 20_000 }).toBe(true);
    const events = await read();
    const calls = events.filter(({ type, data }) => type === "action" && data.type === "tool_use");
    expect(calls).toHaveLength(2);

    const entries = events.flatMap(({ type, data }) => (type === "transcript_entry" ? [data] : []));
    const files = linesBelow(join(home, "config", "projects"));
    expect(files.size).toBe(2);
    for (const [name, lines] of files) {
      const stored = entries
        .filter(({ subpath }) => (subpath ?? "") === name)
        .map(({ entry }) => JSON.stringify(entry));
      const notes = stored.filter(isNote);
      expect(stored.filter((line) => !isNote(line)).toSorted()).toEqual(lines.toSorted());
      expect(stored.filter(hasUuid)).toEqual(lines.filter(hasUuid));
      expect([...new Set(notes)]).toEqual(notes);
      expect(notes.length > 0).toBe(name !== "");
    }
  });

  it("is neither held up nor lost by a service that is away for the whole of it", async () => {
    const service = await createService();
    const { model, host } = await openHosts();
    const away = { ...host, serviceUrl: service.url, spoolDirectory: temporaryDirectory() };
    const begin = scriptOf("Begin.", bash("echo one"), { text: "Done alone" });
    const first = await resultOf(ask(away, { PROMPT: begin }));
    expect(first?.result).toBe("Done alone");

    await service.start();
    const goOn = scriptOf("Go on.", { text: "Done together" });
    const second = await resultOf(ask(away, { PROMPT: goOn, RESUME: first?.session_id ?? "" }));
    expect(second?.result).toBe("Done together");
    expect(model.heard.at(-1)?.said).toContain("assistant: Done alone");
  });
});

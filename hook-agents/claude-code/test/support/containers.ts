import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import type { Config } from "../../src/config.ts";
import { openRelay, type Relay } from "../../src/relay/relay.ts";
import { restoreCommand } from "../../src/restore/command.ts";
import type { RestoreReport } from "../../src/restore/restore.ts";
import { configFor, postHook, silentLog, temporaryFolder } from "./relay.ts";
import { type Service, startService, waitForEvent, type WireEvent } from "./service.ts";
import {
  answerLine,
  modeLine,
  type TranscriptFiles,
  transcriptFiles,
  userLine,
} from "./transcript.ts";

/** Resolves when a session has so many entries of transcripts. */
export const entries = (count: number) => {
  let seen = 0;
  return ({ type }: WireEvent) => type === "transcript_entry" && ++seen === count;
};

/** What the call was made with that `leaveInMidTurn` leaves open. */
export const openInput = { command: "sleep 60", description: "wait" };

/** A service, and containers beside it: each has a home of its own, with a relay's spool and Claude's folder. */
export function containers() {
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

  const config = (name: string, more: Partial<Config> = {}) =>
    configFor(join(folder, name, "spool"), {
      serviceUrl: service.url,
      claudeDirectory: join(folder, name),
      ...more,
    });

  async function open(of: Config): Promise<Relay> {
    const relay = await openRelay({ config: of, log: silentLog, tickMs: 50 });
    opened.push(relay);
    return relay;
  }

  const hookTo =
    (relay: Relay, { claudeSession, path }: Pick<TranscriptFiles, "claudeSession" | "path">) =>
    (event: string, more: object = {}) =>
      postHook(relay.port, {
        session_id: claudeSession,
        transcript_path: path,
        cwd: "/work/app",
        hook_event_name: event,
        ...more,
      });

  /** A turn with a subagent, in the middle of a call. */
  async function leaveInMidTurn(more: Partial<Config> = {}) {
    const files = transcriptFiles(join(folder, "first"));
    const relay = await open(config("first", more));
    const sessionId = more.sessionId ?? files.claudeSession;
    const hook = hookTo(relay, files);
    const call = answerLine("calling", 5);
    const content = [{ type: "tool_use", id: "t1", name: "Bash", input: openInput }];
    const main = [
      modeLine("normal"),
      userLine("Go"),
      modeLine("normal"),
      { ...call, message: { ...call.message, content } },
    ];
    const agent = [userLine("Look"), answerLine("found", 3)];
    await hook("SessionStart", { source: "startup" });
    await hook("UserPromptSubmit", { prompt: "Go" });
    await hook("SubagentStart", { agent_id: "a1", agent_type: "Explore" });
    await hook("TaskCreated", { task_id: "1", task_subject: "Write" });
    await files.write(main);
    await files.write(agent, "subagents/agent-a1");
    const note = { agentType: "Explore", toolUseId: "t0" };
    const subagents = join(dirname(files.path), files.claudeSession, "subagents");
    await writeFile(join(subagents, "agent-a1.meta.json"), JSON.stringify(note));
    await hook("PreToolUse", { tool_name: "Bash", tool_use_id: "t1", tool_input: openInput });
    await waitForEvent(service.url, sessionId, entries(7));
    return { files, relay, hook, sessionId, main, agent, note };
  }

  return {
    url: () => service.url,
    folder: () => folder,
    config,
    open,
    hookTo,
    leaveInMidTurn,
    async newFolder(name: string): Promise<string> {
      await mkdir(join(folder, name), { recursive: true });
      return join(folder, name);
    },
    /** What a kill -9 leaves to others: a lease that nobody renews. */
    async vanish(relay: Relay): Promise<void> {
      opened.splice(opened.indexOf(relay), 1);
      await relay.close({ timeoutMs: 0 });
    },
    async restore(of: Config, args: readonly string[]) {
      const { out, err, code } = await restoreCommand(of, [...args, "--json"], folder);
      return { report: JSON.parse(out) as RestoreReport, out, err, code };
    },
  };
}

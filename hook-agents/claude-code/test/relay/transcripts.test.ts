import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Config } from "../../src/config.ts";
import { openRelay, type Relay } from "../../src/relay/relay.ts";
import { configFor, freePort, postHook, silentLog, temporaryFolder } from "../support/relay.ts";
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
let relay: Relay;
let files: TranscriptFiles;
const opened: Relay[] = [];

beforeAll(async () => {
  service = await startService(join(await temporaryFolder(), "store"));
});
afterAll(() => service.kill("SIGKILL"));
beforeEach(async () => {
  folder = await temporaryFolder();
  files = transcriptFiles(folder);
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close({ timeoutMs: 200 });
});

async function open(more: Partial<Config> = {}): Promise<Relay> {
  const config = configFor(join(folder, "spool"), { serviceUrl: service.url, ...more });
  relay = await openRelay({ config, log: silentLog, tickMs: 50 });
  opened.push(relay);
  return relay;
}
const post = (hook_event_name: string, more: object = {}) =>
  postHook(relay.port, {
    session_id: files.claudeSession,
    transcript_path: files.path,
    cwd: "/work/app",
    hook_event_name,
    ...more,
  });
const close = () => relay.close({ timeoutMs: 10_000 });
const isEntry = ({ type }: WireEvent) => type === "transcript_entry";
const entries = (count: number) => {
  let seen = 0;
  return (event: WireEvent) => isEntry(event) && ++seen === count;
};
const lease = async (sessionId: string, method: string, query = "", body?: object) => {
  const response = await fetch(`${service.url}/api/sessions/${sessionId}/lease${query}`, {
    method,
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  return response.json();
};

describe("transcripts", () => {
  it("are shipped between the hooks, and behind the last one", async () => {
    await open();
    await post("SessionStart", { source: "startup" });
    const first = [modeLine("a"), userLine("Go")];
    await files.write(first);
    await waitForEvent(service.url, files.claudeSession, entries(2));
    const agent = [userLine("Look"), answerLine("found")];
    await files.write(agent, "subagents/agent-a1");
    await waitForEvent(service.url, files.claudeSession, entries(4));
    await post("SessionEnd", { reason: "other" });
    const last = [answerLine("Done"), modeLine("a")];
    await files.write(last);
    await close();

    expect(await readStored(service.url, files.claudeSession)).toEqual([...first, ...last]);
    expect(await readStored(service.url, files.claudeSession, "subagents/agent-a1")).toEqual(agent);
    const events = await readEvents(service.url, files.claudeSession);
    expect(events.filter(({ type }) => type.startsWith("lease_")).map(({ type }) => type)).toEqual([
      "lease_acquired",
      "lease_released",
    ]);
    expect(events.at(-1)?.type).toBe("lease_released");
  });

  it("are counted once, although they are read before the hook that tells", async () => {
    await open();
    await post("SessionStart", { source: "startup" });
    await post("UserPromptSubmit", { prompt: "Go" });
    await files.write([userLine("Go"), answerLine("One", 3), answerLine("Done", 4)]);
    await waitForEvent(service.url, files.claudeSession, entries(3));
    const asked = Date.now();
    await post("Stop", { last_assistant_message: "Done" });
    const events = await waitForEvent(
      service.url,
      files.claudeSession,
      ({ type }) => type === "response",
    );
    // Nothing is waited for that was there already.
    expect(Date.now() - asked).toBeLessThan(900);
    expect(events.at(-1)?.data["usage"]).toMatchObject({ inputTokens: 7, outputTokens: 7 });
    await close();
    const [usage] = (await readEvents(service.url, files.claudeSession))
      .flatMap(({ data }) => (data["patch"] as { usage?: object } | undefined)?.usage ?? [])
      .slice(-1);
    expect(usage).toMatchObject({ inputTokens: 7 });
  });

  it("are below the session that SESSION_ID names", async () => {
    const sessionId = `run-${files.claudeSession.slice(0, 8)}`;
    await open({ sessionId });
    await post("SessionStart", { source: "startup" });
    const main = [userLine("Go")];
    await files.write(main);
    await files.write(main, "subagents/agent-a1");
    await post("SessionEnd", { reason: "other" });
    await close();
    const below = `claude/${files.claudeSession}`;
    expect(await readStored(service.url, sessionId, below)).toEqual(main);
    expect(await readStored(service.url, sessionId, `${below}/subagents/agent-a1`)).toEqual(main);
  });

  it("wait on disk while the service is away, also for the next relay", async () => {
    const port = await freePort();
    const lines = Array.from({ length: 20 }, (_, n) => userLine(`${n}`));
    await open({ serviceUrl: `http://127.0.0.1:${port}` });
    await post("SessionStart", { source: "startup" });
    await files.write(lines.slice(0, 10));
    await post("SessionEnd", { reason: "other" });
    await relay.close({ timeoutMs: 300 });
    await files.write(lines.slice(10));
    const late = await startService(join(folder, "store"), port);
    try {
      await open({ serviceUrl: late.url });
      await waitForEvent(late.url, files.claudeSession, entries(20));
      expect(await readStored(late.url, files.claudeSession)).toEqual(lines);
      await waitForEvent(late.url, files.claudeSession, ({ type }) => type === "lease_released");
    } finally {
      await close();
      await late.kill("SIGKILL");
    }
  });
});

describe("a session that another writer has", () => {
  it("gets records and no transcripts, until the lease is free", async () => {
    await fetch(`${service.url}/api/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sessionId: files.claudeSession }),
    });
    await lease(files.claudeSession, "POST", "", { owner: "other" });
    await open();
    await post("SessionStart", { source: "startup" });
    await files.write([userLine("Go"), answerLine("Done", 2)]);
    await post("Stop", { last_assistant_message: "Done" });
    const events = await waitForEvent(
      service.url,
      files.claudeSession,
      ({ type }) => type === "response",
    );
    expect(events.at(-1)?.data["usage"]).toMatchObject({ inputTokens: 2 });
    expect(await readStored(service.url, files.claudeSession)).toBeNull();
    await lease(files.claudeSession, "DELETE", "?epoch=1");
    await waitForEvent(service.url, files.claudeSession, entries(2));
  });

  it("is left to that one: what comes later is set aside, and nobody fights", async () => {
    await open();
    await post("SessionStart", { source: "startup" });
    await files.write([userLine("Go")]);
    await waitForEvent(service.url, files.claudeSession, entries(1));
    await lease(files.claudeSession, "POST", "", { owner: "other", force: true });
    await files.write([userLine("late")]);
    await post("PreToolUse", { tool_name: "Bash", tool_use_id: "t1", tool_input: {} });
    await waitForLease("fenced");
    await files.write([userLine("later")]);
    await post("PostToolUse", { tool_name: "Bash", tool_use_id: "t1", tool_input: {} });
    await lease(files.claudeSession, "DELETE", "?epoch=2");
    await post("SessionEnd", { reason: "other" });
    await close();

    const events = await readEvents(service.url, files.claudeSession);
    expect(events.map(({ type }) => type).slice(-2)).toEqual(["lease_acquired", "lease_released"]);
    expect(JSON.stringify(events)).not.toContain("late");
    const rejected = join(folder, "spool/sessions", files.claudeSession, "rejected.jsonl");
    expect(await readFile(rejected, "utf8")).toContain("session_finalized");
  });

  it("goes on here when Claude begins anew, with all that was written meanwhile", async () => {
    await open();
    await post("SessionStart", { source: "startup" });
    const lines = [userLine("Go"), userLine("late"), modeLine("a")];
    await files.write(lines.slice(0, 1));
    await waitForEvent(service.url, files.claudeSession, entries(1));
    await lease(files.claudeSession, "POST", "", { owner: "other", force: true });
    await files.write(lines.slice(1));
    await waitForLease("fenced");
    await lease(files.claudeSession, "DELETE", "?epoch=2");
    await post("SessionStart", { source: "resume" });
    await waitForEvent(service.url, files.claudeSession, entries(3));
    expect(await readStored(service.url, files.claudeSession)).toEqual(lines);
    const isResumed = ({ data }: WireEvent) =>
      (data["details"] as { source?: string } | undefined)?.source === "resume";
    await waitForEvent(service.url, files.claudeSession, isResumed);
  });

  async function waitForLease(...states: string[]): Promise<void> {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${relay.port}/status`);
      const { claudeSessions } = (await response.json()) as {
        claudeSessions: Record<string, { lease: { state: string } }>;
      };
      if (states.includes(claudeSessions[files.claudeSession]?.lease.state ?? "")) return;
      await new Promise(setImmediate);
    }
  }
});

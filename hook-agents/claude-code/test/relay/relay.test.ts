import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Config } from "../../src/config.ts";
import { openRelay, type Relay } from "../../src/relay/relay.ts";
import { configFor, freePort, postHook, silentLog, temporaryFolder } from "../support/relay.ts";
import { readEvents, type Service, startService, type WireEvent } from "../support/service.ts";

let folder: string;
let relay: Relay;
const opened: Relay[] = [];
const services: Service[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close({ timeoutMs: 200 });
  for (const service of services.splice(0)) await service.kill("SIGKILL");
});

async function open(more: Partial<Config> = {}, tickMs?: number): Promise<Relay> {
  const config = configFor(join(folder, "spool"), more);
  relay = await openRelay({ config, log: silentLog, ...(tickMs !== undefined && { tickMs }) });
  opened.push(relay);
  return relay;
}
async function service(port = 0): Promise<Service> {
  const started = await startService(join(folder, "store"), port);
  services.push(started);
  return started;
}
const hook = (hook_event_name: string, more: object = {}) => ({
  session_id: "s1",
  cwd: "/project",
  hook_event_name,
  ...more,
});
const post = (payload: object) => postHook(relay.port, payload);
const call = (id: number, event: string) =>
  hook(event, { tool_name: "Bash", tool_input: { command: `echo ${id}` }, tool_use_id: `t${id}` });

describe("the relay", () => {
  it("sends what it took while the service was down, once that is back", async () => {
    const port = await freePort();
    await open({ serviceUrl: `http://127.0.0.1:${port}` });
    await post(hook("SessionStart", { source: "startup" }));
    await post(call(1, "PreToolUse"));
    await post(call(1, "PostToolUse"));
    const { url } = await service(port);
    await relay.close({ timeoutMs: 5_000 });
    const events = await readEvents(url, "s1");
    expect(events.filter(({ type }) => type === "action").map(({ data }) => data["type"])).toEqual([
      "session_start",
      "tool_use",
    ]);
  });

  it("keeps a 12 MB hook as a record below 256 KiB", async () => {
    const { url } = await service();
    await open({ serviceUrl: url });
    const text = "x".repeat(12_000_000);
    await post(
      hook("PostToolUse", { tool_name: "Write", tool_use_id: "t1", tool_input: { text } }),
    );
    await relay.close({ timeoutMs: 5_000 });
    const events = await readEvents(url, "s1");
    const { data = {} } = events.find(({ type }) => type === "action") ?? {};
    expect(JSON.stringify(data).length).toBeLessThan(262_144);
    expect(data).toMatchObject({
      details: { shortened: [{ field: "/input/text", bytes: 12_000_000 }] },
    });
  });

  it("drops what is no hook and goes on", async () => {
    const { url } = await service();
    await open({ serviceUrl: url });
    expect((await post([1])).status).toBe(204);
    expect((await post({ session_id: "../x", hook_event_name: "Stop" })).status).toBe(204);
    await post(hook("SessionStart"));
    await relay.close({ timeoutMs: 5_000 });
    expect(await readEvents(url, "s1")).not.toHaveLength(0);
    expect(await readdir(join(folder, "spool", "inbox"))).toEqual([]);
  });

  it("ends a session whose process is gone without a word", async () => {
    const { url } = await service();
    await open({ serviceUrl: url }, 20);
    const { spawn } = await import("node:child_process");
    const claude = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await fetch(`http://127.0.0.1:${relay.port}/hook`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-claude-pid": String(claude.pid) },
      body: JSON.stringify(hook("UserPromptSubmit", { prompt: "Go" })),
    });
    await post(call(1, "PreToolUse"));
    claude.kill("SIGKILL");
    const { waitForEvent } = await import("../support/service.ts");
    const events = await waitForEvent(url, "s1", ({ type }) => type === "session_finalized");
    expect(events.at(-1)?.data).toMatchObject({
      status: "stopped",
      outcome: { reason: "process_gone" },
    });
    expect(events.filter(({ data }) => data["type"] === "tool_use")).toMatchObject([
      { data: { details: { outcome: "interrupted" } } },
    ]);
  });

  it("is idle once everything is sent and nobody speaks, and not before", async () => {
    const port = await freePort();
    await open({ serviceUrl: `http://127.0.0.1:${port}`, idleMs: 1_000 }, 5);
    let isIdle = false;
    void relay.idle.then(() => (isIdle = true));
    await post(hook("SessionStart"));
    await post(hook("SessionEnd", { reason: "other" }));
    // Several ticks pass while the service is started.
    const { url } = await service(port);
    expect(isIdle).toBe(false);
    await relay.idle;
    expect(await readEvents(url, "s1")).not.toHaveLength(0);
  });
});

/** Without what each relay adds of its own. */
const recorded = (events: WireEvent[]) =>
  events.filter(({ type }) => !type.startsWith("lease_")).map(({ type, data }) => ({ type, data }));

describe("several Claude sessions under one SESSION_ID", () => {
  const start = (session_id: string) => ({ ...hook("SessionStart"), session_id });
  const end = (session_id: string) => ({ ...hook("SessionEnd", { reason: "other" }), session_id });
  const sessions = async (url: string) => {
    const response = await fetch(`${url}/api/sessions?sort=created`);
    const { sessions: list } = (await response.json()) as {
      sessions: { sessionId: string; parentSession: string | null }[];
    };
    return list
      .map(({ sessionId, parentSession }) => `${sessionId} of ${parentSession}`)
      .toSorted();
  };

  it("are one session one after another, and children beside one another", async () => {
    const { url } = await service();
    await open({ serviceUrl: url, sessionId: "run-1" });
    await post(start("s1"));
    await post(start("s2"));
    await post(end("s1"));
    // The end is recorded when the relay has looked at the transcripts; a new relay knows it for sure.
    await relay.close({ timeoutMs: 5_000 });
    await open({ serviceUrl: url, sessionId: "run-1" });
    await post(start("s3"));
    await relay.close({ timeoutMs: 5_000 });
    expect(await sessions(url)).toEqual(["run-1 of null", "s2 of run-1"]);
    const started = (await readEvents(url, "run-1")).filter(
      ({ data }) => data["type"] === "session_start",
    );
    expect(started).toHaveLength(2);
  });

  it("sends nothing twice when it was killed between spooling and noting", async () => {
    const { url } = await service();
    await open({ serviceUrl: url });
    const agent = { agent_id: "a1", agent_type: "Explore" };
    const task = { task_id: "1", task_subject: "Write" };
    for (const payload of [
      hook("SessionStart", { source: "startup" }),
      hook("UserPromptSubmit", { prompt: "Go" }),
      call(1, "PreToolUse"),
      call(1, "PostToolUse"),
      hook("SubagentStart", agent),
      hook("SubagentStop", { ...agent, last_assistant_message: "found" }),
      hook("TaskCreated", task),
      hook("TaskCompleted", task),
      hook("Stop", { last_assistant_message: "Done" }),
      hook("SessionEnd", { reason: "other" }),
    ])
      await post(payload);
    // What a kill leaves of the hooks, without the notes that say that they are recorded.
    await cp(join(folder, "spool/inbox"), join(folder, "killed/inbox"), { recursive: true });
    await relay.close({ timeoutMs: 5_000 });
    const before = await readEvents(url, "s1");

    const killed = join(folder, "killed");
    await open({ serviceUrl: url, spoolDirectory: killed });
    await relay.close({ timeoutMs: 5_000 });
    expect(await readdir(join(killed, "inbox"))).toEqual([]);
    expect(await readdir(join(killed, "sessions"))).toEqual([]);
    expect(recorded(await readEvents(url, "s1"))).toEqual(recorded(before));
    expect(new Set(recorded(before).map(({ type }) => type)).size).toBe(10);
  });
});

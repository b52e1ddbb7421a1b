import { beforeEach, expect, it } from "vitest";

import type { Event } from "../src/core/wire.ts";
import { type Pairing, createPairing } from "../src/feed/pairing.ts";

let position = 0;
let pairing: Pairing;
beforeEach(() => {
  position = 0;
  pairing = createPairing();
});

function event(type: string, data: object, sessionId = "s", seconds = position): Event {
  position += 1;
  const timestamp = new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
  return {
    type,
    sessionId,
    offset: position,
    position,
    timestamp,
    data: { ...data },
    fullBytes: null,
  };
}
const action = (type: string, details: object, sessionId?: string) =>
  event("action", { type, details }, sessionId);
const patch = (members: object) =>
  event("state_updated", { version: 1, mode: "merge", patch: members });

it("makes one row of a call that the state told of and the action that ended it", () => {
  const row = pairing.add(
    patch({
      running: { t1: { tool: "Bash", summary: "npm test" } },
      currentStep: { tool: "Bash" },
    }),
  );
  expect(row).toMatchObject({ kind: "tool", title: "Bash", outcome: "running", offset: 1 });
  const end = { tool: "Bash", tool_use_id: "t1", outcome: "failed", error: "Exit code 1" };
  expect(
    pairing.add(action("tool_use", { ...end, input: { command: "npm test" }, durationMs: 840 })),
  ).toBe(undefined);
  expect(row).toMatchObject({
    outcome: "failed",
    durationMs: 840,
    offset: 2,
    detail: "npm test — Exit code 1",
  });
  expect(pairing.add(patch({ running: { t1: null }, currentStep: null }))).toBe(undefined);
});

it("pairs hooks that are recorded as they are, and measures when nobody said how long", () => {
  const row = pairing.add(
    action("PreToolUse", { tool_name: "Read", tool_use_id: "t", tool_input: { file_path: "/a" } }),
  );
  pairing.add(action("PostToolUse", { tool_name: "Read", tool_use_id: "t" }));
  expect(row).toMatchObject({
    title: "Read",
    detail: "/a",
    outcome: "succeeded",
    durationMs: 1_000,
  });
});

it("keeps calls of different sessions apart, though their ids are the same", () => {
  const first = pairing.add(action("PreToolUse", { tool: "A", tool_use_id: "t" }, "one"));
  const second = pairing.add(action("PreToolUse", { tool: "A", tool_use_id: "t" }, "two"));
  pairing.add(action("tool_use", { tool: "A", tool_use_id: "t", outcome: "denied" }, "two"));
  expect([first?.outcome, second?.outcome]).toEqual(["running", "denied"]);
});

it.each([
  [
    "node_run",
    { node: "plan", runId: "r", outcome: "succeeded", durationMs: 12, output: { reply: "Yes" } },
    { title: "node_run plan", detail: "reply: Yes", outcome: "succeeded", durationMs: 12 },
  ],
  [
    "model_call",
    { model: "m", node: "plan", outcome: "failed", error: "503" },
    { title: "model_call m", detail: "503", outcome: "failed", durationMs: null },
  ],
  [
    "graph_run",
    { graph: "mail", threadId: "t", outcome: "interrupted" },
    { title: "graph_run mail", detail: "threadId: t", outcome: "interrupted" },
  ],
  [
    "permission_decision",
    { tool: "Bash", tool_use_id: "t", decision: "ask" },
    { title: "permission_decision Bash", detail: "decision: ask", outcome: null },
  ],
  ["retry_failed", { reason: "late" }, { title: "retry_failed", outcome: "failed" }],
  ["note", { outcome: "a draft", durationMs: "long" }, { outcome: null, durationMs: null }],
])("names what %s is about, and how it went", (type, details, row) => {
  expect(pairing.add(action(type, details))).toMatchObject({ kind: "action", ...row });
});

it("tells of an agent's task when it begins, and of its result when it ends", () => {
  const agent = { agentId: "a", type: "review", task: "Look", result: "Fine" };
  const rows = ["agent_spawned", "agent_completed"].map((type) =>
    pairing.add(event(type, { agent })),
  );
  expect(rows.map((row) => row?.detail)).toEqual(["review Look", "review Fine"]);
});

it("shows an end whose beginning was never seen", () => {
  expect(
    pairing.add(
      action("tool_use", { tool: "Grep", tool_use_id: "t", outcome: "succeeded", durationMs: 5 }),
    ),
  ).toMatchObject({ title: "Grep", outcome: "succeeded", durationMs: 5 });
});

it.each([
  ["a heartbeat", { heartbeatAt: "2026-01-01T00:00:00Z" }],
  ["a count of tokens", { usage: { inputTokens: 1 } }],
])("makes no row of %s", (_name, members) => {
  expect(pairing.add(patch(members))).toBe(undefined);
});

it.each([
  ["a phase", { phase: "idle", waiting: null }, "idle", ""],
  ["a phase and more", { phase: "paused", tasks: [1] }, "paused", "tasks: [1]"],
  ["a member that went", { plan: null }, "state", "plan: null"],
])("tells of %s once", (_name, members, title, detail) => {
  expect(pairing.add(patch(members))).toMatchObject({ kind: "state", title, detail });
});

it("says who waits for what", () => {
  const waiting = { reason: "permission_request", tool: "Bash", summary: "git push" };
  expect(pairing.add(patch({ phase: "waiting", waiting }))).toMatchObject({
    kind: "waiting",
    title: "asks permission",
    detail: "Bash git push",
  });
});

it.each([
  [
    "lease_acquired",
    { owner: "host-1", epoch: 1, takenFrom: null, reason: "free" },
    "written",
    "by host-1, epoch 1",
  ],
  [
    "lease_acquired",
    { owner: "host-2", epoch: 3, takenFrom: "host-1", reason: "expired" },
    "taken over",
    "by host-2, epoch 3, from host-1 (expired)",
  ],
  ["lease_released", { owner: "host-2", epoch: 3 }, "let go", "by host-2, epoch 3"],
  [
    "transcript_deleted",
    { projectKey: "p", subpath: null },
    "transcript deleted",
    "projectKey: p, subpath: null",
  ],
  ["moved_to_mars", { orbit: 4 }, "moved to mars", "orbit: 4"],
])("makes a row of %s", (type, data, title, detail) => {
  expect(pairing.add(event(type, data))).toMatchObject({ kind: "session", title, detail });
});

it.each([
  [{ type: "user", message: { content: "Fix it" } }, null, "user", "Fix it"],
  [
    { type: "assistant", message: { content: [{ type: "text", text: "Done" }] } },
    "subagents/a",
    "assistant",
    "subagents/a: Done",
  ],
  [{ type: "assistant", message: { content: [{ name: "Bash" }] } }, null, "assistant", "Bash"],
  [{ type: "summary", summary: "A login form" }, null, "summary", "A login form"],
  [{ channel: "a", value: [1] }, null, "entry", "channel: a, value: [1]"],
  [null, null, "entry", ""],
])("makes a line of the transcript's entry %j", (entry, subpath, title, detail) => {
  const line = event("transcript_entry", { seq: 1, projectKey: "p", subpath, entry });
  expect(pairing.add(line)).toMatchObject({ kind: "transcript", title, detail });
});

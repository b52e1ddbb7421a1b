import { describe, expect, it } from "vitest";

import { actionsOf, type Hook, mapAll } from "../support/sequence.ts";

const start: Hook = { payload: { hook_event_name: "SessionStart", source: "startup" } };
const pre = (id: string, more: object = {}, hook: Partial<Hook> = {}): Hook => ({
  ...hook,
  payload: {
    hook_event_name: "PreToolUse",
    tool_name: "Bash",
    tool_input: { command: "make" },
    tool_use_id: id,
    ...more,
  },
});
const post = (id: string, more: object = {}): Hook =>
  pre(id, { hook_event_name: "PostToolUse", tool_response: "ok", duration_ms: 5, ...more });
const batch = (id: string, said: unknown, hook: Partial<Hook> = {}): Hook => ({
  ...hook,
  payload: {
    hook_event_name: "PostToolBatch",
    tool_calls: [
      { tool_name: "Bash", tool_input: { command: "make" }, tool_use_id: id, tool_response: said },
    ],
  },
});
const hook = (hook_event_name: string, more: object = {}): Hook => ({
  payload: { hook_event_name, ...more },
});

const outcomes = (...hooks: Hook[]) =>
  actionsOf(mapAll([start, ...hooks]), "tool_use").map(
    ({ tool_use_id, outcome }) => `${String(tool_use_id)} ${String(outcome)}`,
  );

describe("a tool call", () => {
  it("shows in the state while it runs", () => {
    const { commands } = mapAll([pre("t1", { agent_id: "a1" })]);
    expect(commands.at(-1)).toMatchObject({
      type: "state_updated",
      data: {
        mode: "merge",
        patch: {
          running: { t1: { tool: "Bash", summary: "make", since: "2026-11-21T10:00:00.000Z" } },
          currentStep: { tool: "Bash", toolUseId: "t1", agentId: "a1" },
        },
      },
    });
  });

  it("leaves the state at its end, to the one that still runs", () => {
    const { commands } = mapAll([pre("t1"), pre("t2"), post("t2")]);
    expect(commands.at(-1)).toMatchObject({
      data: { patch: { running: { t2: null }, currentStep: { toolUseId: "t1" } } },
    });
    expect(mapAll([pre("t1"), post("t1")]).commands.at(-1)).toMatchObject({
      data: { patch: { running: { t1: null }, currentStep: null } },
    });
  });

  it("has the duration between its hooks when the CLI tells none", () => {
    const mapped = mapAll([pre("t1"), post("t1", { duration_ms: undefined })]);
    expect(actionsOf(mapped, "tool_use")).toMatchObject([{ durationMs: 1_000 }]);
  });

  it.each<[string, Hook[], string[]]>([
    ["the session ends", [pre("t1"), hook("SessionEnd")], ["t1 interrupted"]],
    [
      "its process was killed and is resumed",
      [pre("t1"), hook("SessionStart", { source: "resume" })],
      ["t1 interrupted"],
    ],
    ["the relay finds its process gone", [pre("t1"), hook("ProcessGone")], ["t1 interrupted"]],
    ["the turn ends without its end", [pre("t1"), hook("Stop")], ["t1 interrupted"]],
    [
      "its subagent ends without its end",
      [pre("t1", { agent_id: "a" }), hook("SubagentStop", { agent_id: "a" })],
      ["t1 interrupted"],
    ],
    [
      "the person presses Escape",
      [pre("t1"), pre("t1", { hook_event_name: "PostToolUseFailure", is_interrupt: true })],
      ["t1 interrupted"],
    ],
  ])("is interrupted when %s", (_name, hooks, expected) => {
    expect(outcomes(...hooks)).toEqual(expected);
  });

  it("goes on over a compaction, and while the main turn ends around a subagent", () => {
    expect(outcomes(pre("t1"), hook("SessionStart", { source: "compact" }), post("t1"))).toEqual([
      "t1 succeeded",
    ]);
    expect(outcomes(pre("t1", { agent_id: "a" }), hook("Stop"), post("t1"))).toEqual([
      "t1 succeeded",
    ]);
  });

  it.each([
    ["denied by a person", "denied", [hook("PermissionRequest", asked)], "No.", "earlier"],
    ["denied by a rule", "denied", [], "Permission has been denied.", "boot"],
    ["over while no relay was there", "succeeded", [], "built", "earlier"],
    ["failed while no relay was there", "failed", [], "Exit code 2", "earlier"],
  ] as const)("that had no end of its own was %s", (_name, outcome, between, said, boot) => {
    expect(outcomes(pre("t1", {}, { boot }), ...between, batch("t1", said))).toEqual([
      `t1 ${outcome}`,
    ]);
  });

  // 2.1.329 does that for hooks of managed settings.
  it("is recorded once when the CLI tells its failure to PostToolUse too", () => {
    const failure = pre("t1", { hook_event_name: "PostToolUseFailure", error: "Exit code 2" });
    const again = post("t1", { tool_response: "Error: Exit code 2" });
    const next = [pre("t2"), post("t2"), batch("t2", "ok")];
    expect(outcomes(pre("t1"), failure, again, batch("t1", "Exit code 2"), ...next)).toEqual([
      "t1 failed",
      "t2 succeeded",
    ]);
  });

  it("is recorded once when its end and the batch both tell it", () => {
    expect(outcomes(pre("t1"), post("t1"), batch("t1", "ok"))).toEqual(["t1 succeeded"]);
  });
});

const asked = { tool_name: "Bash", tool_input: { command: "make" } };

describe("what waits for a person", () => {
  const request = hook("PermissionRequest", asked);
  const phases = (...hooks: Hook[]) =>
    mapAll(hooks).commands.flatMap((command) =>
      command.type === "state_updated" && "phase" in command.data.patch
        ? [command.data.patch["phase"]]
        : [],
    );

  it("is a permission request, until the agent goes on", () => {
    const prompt = hook("UserPromptSubmit", { prompt: "Build" });
    expect(phases(prompt, pre("t1"), request, post("t1"))).toEqual([
      "working",
      "waiting",
      "working",
    ]);
    expect(mapAll([request]).commands.at(-1)).toMatchObject({
      data: { patch: { waiting: { reason: "permission_request", tool: "Bash", summary: "make" } } },
    });
  });

  it("is a prompt that waits, and not a notice", () => {
    expect(phases(hook("Notification", { notification_type: "idle_prompt" }))).toEqual(["waiting"]);
    expect(phases(hook("Notification", { notification_type: "auth_success" }))).toEqual([]);
  });

  it("is not over because another agent goes on", () => {
    const other = pre("t2", { agent_id: "b" });
    const asking = hook("PermissionRequest", { ...asked, agent_id: "a" });
    expect(phases(asking, other)).toEqual(["waiting"]);
    expect(phases(asking, pre("t3", { agent_id: "a" }))).toEqual(["waiting", "paused"]);
  });
});

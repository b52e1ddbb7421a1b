import { describe, expect, it } from "vitest";

import type { Decision } from "../../src/mapping/decisions.ts";
import { actionsOf, type Hook, mapAll, timeAt } from "../support/sequence.ts";

const call = { tool_name: "Bash", tool_input: { command: "rm x" }, tool_use_id: "t1" };
const hook = (hook_event_name: string, more: object = {}, found: Partial<Hook> = {}): Hook => ({
  ...found,
  payload: { hook_event_name, ...more },
});
const start = hook("SessionStart", { source: "startup" });
const pre = hook("PreToolUse", call);
const told = (said: string) =>
  hook("PostToolBatch", { tool_calls: [{ ...call, tool_response: said }] });
const decided = (more: Partial<Decision> = {}): Decision => ({
  toolUseId: "t1",
  tool: "Bash",
  decision: "allow",
  reason: "harmless",
  at: timeAt(1_000),
  ...more,
});
const decisions = (...hooks: Hook[]) => actionsOf(mapAll([start, ...hooks]), "permission_decision");

describe("what a hook of the user's own decides", () => {
  it("is recorded before the call that it denied, with the reason in its own words", () => {
    const mapped = mapAll([start, pre, told("PreToolUse:Bash hook error: rm is\nforbidden\n")]);

    expect(mapped.timeline.filter((line) => /decision|tool_use/.test(line))).toEqual([
      "permission_decision Bash",
      "tool_use Bash denied PreToolUse:Bash hook error: rm is",
    ]);
    expect(actionsOf(mapped, "permission_decision")).toEqual([
      { tool: "Bash", tool_use_id: "t1", decision: "deny", reason: "rm is\nforbidden" },
    ]);
    expect(actionsOf(mapped, "tool_use")).toMatchObject([{ reason: "rm is\nforbidden" }]);
  });

  it("is no decision of a hook when a rule or a person denied; the reason is there", () => {
    const said = "Permission to use Bash has been denied.";
    expect(decisions(pre, told(said))).toEqual([]);
    expect(actionsOf(mapAll([start, pre, told(said)]), "tool_use")).toMatchObject([
      { outcome: "denied", reason: said },
    ]);
  });

  it("comes with the transcript when it allowed or asked", () => {
    const asked = decided({ toolUseId: "t2", decision: "ask", reason: "who?", agentId: "a1" });
    const stop = hook("Stop", {}, { decisions: [decided(), asked] });
    expect(decisions(pre, hook("PostToolUse", { ...call, tool_response: "ok" }), stop)).toEqual([
      {
        tool: "Bash",
        decision: "allow",
        reason: "harmless",
        tool_use_id: "t1",
        decidedAt: timeAt(1_000),
      },
      {
        tool: "Bash",
        decision: "ask",
        reason: "who?",
        agentId: "a1",
        tool_use_id: "t2",
        decidedAt: timeAt(1_000),
      },
    ]);
  });

  it("is not told again by a fork, whose transcript begins with a copy", () => {
    const copied = decided({ toolUseId: "t0", at: timeAt(-1) });
    const stop = hook("Stop", {}, { decisions: [copied, decided()] });
    expect(decisions(pre, stop)).toMatchObject([{ tool_use_id: "t1" }]);
  });
});

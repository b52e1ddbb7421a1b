import { describe, expect, it } from "vitest";

import { decisionIn } from "../../src/transcripts/hook-decision.ts";

const decision = (permissionDecision: string, permissionDecisionReason?: string) =>
  JSON.stringify({ hookSpecificOutput: { permissionDecision, permissionDecisionReason } });
const answered = (stdout: string, more: object = {}) => ({
  type: "attachment",
  attachment: {
    type: "hook_success",
    hookName: "PreToolUse:Bash",
    toolUseID: "t1",
    hookEvent: "PreToolUse",
    stdout,
    ...more,
  },
  timestamp: "2026-11-21T10:00:00.000Z",
});

describe("what a hook of the user's own decided", () => {
  const told = { tool: "Bash", toolUseId: "t1", at: "2026-11-21T10:00:00.000Z" };

  it.each([
    ["with a reason", decision("allow", "harmless"), { decision: "allow", reason: "harmless" }],
    ["without", decision("ask"), { decision: "ask" }],
  ])("is in a line of its own: %s", (_name, stdout, said) => {
    expect(decisionIn(answered(stdout), undefined)).toEqual({ ...told, ...said });
    expect(decisionIn(answered(stdout), "a1")).toEqual({ ...told, ...said, agentId: "a1" });
  });

  it.each([
    ["a hook that prints text", answered('no "permissionDecision": {')],
    ["a hook that prints null", answered("null")],
    ["another event", answered(decision("allow"), { hookEvent: "PostToolUse" })],
    ["an agent that writes about one", { type: "assistant", message: decision("allow") }],
  ])("is nothing of %s", (_name, entry) => {
    expect(decisionIn(entry, undefined)).toBeUndefined();
  });
});

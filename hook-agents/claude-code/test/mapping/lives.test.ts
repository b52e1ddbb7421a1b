import type { SessionId } from "@sessions/contract";
import { describe, expect, it } from "vitest";

import { noTokens } from "../../src/mapping/usage.ts";
import { type Hook, mapAll } from "../support/sequence.ts";

const hook = (hook_event_name: string, more: object = {}, rest: Partial<Hook> = {}): Hook => ({
  ...rest,
  payload: { hook_event_name, ...more },
});
const start = hook("SessionStart", { source: "startup", model: "m1" });
const prompt = hook("UserPromptSubmit", { prompt: "Fix it\nplease" });
const stop = hook("Stop", { last_assistant_message: "Fixed", background_tasks: [] });
const end = (reason: string) => hook("SessionEnd", { reason });
const last = (...hooks: Hook[]) => mapAll(hooks).timeline.at(-1);

describe("a session", () => {
  it("is created with what the first hook tells, and what the relay knows", () => {
    const { commands } = mapAll([start], undefined, {
      host: "worker",
      userId: "ada",
      parentSession: "run-1" as SessionId,
    });
    expect(commands[0]).toMatchObject({
      type: "session_created",
      data: {
        labels: { source: "claude-code", host: "worker", claudeSession: "5e551011-0000" },
        model: "m1",
        userId: "ada",
        parentSession: "run-1",
        workingDirectory: "/project",
      },
    });
  });

  it("is created by any hook when the relay came late", () => {
    const { timeline } = mapAll([hook("PreToolUse", { tool_name: "Bash", tool_use_id: "t1" })]);
    expect(timeline).toEqual(["created /project", "state working +"]);
  });

  it("is named after its first prompt", () => {
    const names = mapAll([start, prompt, prompt]).timeline.filter((line) =>
      line.startsWith("meta"),
    );
    expect(names).toEqual(['metadata {"name":"Fix it"}']);
  });

  it.each([
    ["completed", [start, prompt, stop, end("other")]],
    ["completed", [start, prompt, stop, end("prompt_input_exit")]],
    ["completed", [start, end("clear")]],
    ["stopped", [start, prompt, end("other")]],
    ["stopped", [start, prompt, hook("ProcessGone")]],
    ["stopped", [start, prompt, stop, hook("ProcessGone")]],
    ["error", [start, prompt, hook("StopFailure", { error: "server_error" }), end("other")]],
    ["error", [start, prompt, end("other"), hook("StopFailure", { error: "server_error" })]],
  ])("ends as %s (%#)", (status, hooks) => {
    expect(last(...hooks)).toBe(`finalized ${status}`);
  });

  it("tells its reason, tokens and last answer at its end", () => {
    expect(mapAll([start, prompt, stop, end("other")]).commands.at(-1)).toEqual({
      type: "session_finalized",
      id: "boot.4.0",
      data: {
        status: "completed",
        outcome: { reason: "other", usage: noTokens() },
        response: "Fixed",
      },
    });
  });

  it("does not end twice", () => {
    const { timeline } = mapAll([start, prompt, stop, end("other"), hook("ProcessGone")]);
    expect(timeline.filter((line) => line.startsWith("finalized"))).toHaveLength(1);
  });

  it("goes on when it is resumed", () => {
    const resumed = hook("SessionStart", { source: "resume" });
    expect(mapAll([start, end("other"), resumed, prompt]).timeline.slice(-5)).toEqual([
      "session_start",
      "state starting",
      "user_prompt",
      'metadata {"name":"Fix it"}',
      "state working",
    ]);
  });

  it("stops its subagents with it", () => {
    const agent = hook("SubagentStart", { agent_id: "a1", agent_type: "Explore" });
    expect(mapAll([start, agent, end("other")]).timeline).toContain("stopped a1 of main");
  });
});

describe("a subagent", () => {
  const call = (id: string, more: object = {}) =>
    hook("PreToolUse", {
      tool_name: "Agent",
      tool_use_id: id,
      tool_input: { subagent_type: "Explore", prompt: "Look" },
      ...more,
    });
  const begin = (id: string) => hook("SubagentStart", { agent_id: id, agent_type: "Explore" });
  const done = (id: string, agentId: string, more: object = {}) =>
    call(id, {
      hook_event_name: "PostToolUse",
      tool_response: { agentId, status: "completed" },
      ...more,
    });
  const agents = (...hooks: Hook[]) => mapAll(hooks).timeline.filter((line) => / of /.test(line));

  it("has no parent that is only guessed, until its end tells the real one", () => {
    expect(
      agents(
        begin("a1"),
        call("t1", { agent_id: "a1" }),
        call("t2"),
        begin("a2"),
        done("t1", "a2", { agent_id: "a1" }),
      ),
    ).toEqual(["spawned a1 of main", "spawned a2 of main", "completed a2 of a1"]);
  });

  it("has the parent that the CLI's own files tell", () => {
    const agentLink = { toolUseId: "t1", parentAgentId: "a0" };
    const over = hook("SubagentStop", { agent_id: "a2", agent_type: "Explore" }, { agentLink });
    expect(agents(call("t1"), begin("a2"), over)).toEqual([
      "spawned a2 of main",
      "completed a2 of a0",
    ]);
  });

  it("is met when it speaks without having been announced", () => {
    const speaking = hook("PreToolUse", {
      tool_name: "Bash",
      tool_use_id: "t9",
      agent_id: "a9",
      agent_type: "Explore",
    });
    expect(agents(speaking, speaking)).toEqual(["spawned a9 of main"]);
  });

  it("ends as the notification of its task says", () => {
    const notice = (status: string) =>
      hook("UserPromptSubmit", {
        prompt: `<task-notification>\n<task-id>a1</task-id>\n<status>${status}</status>`,
      });
    expect(agents(begin("a1"), notice("killed"))).toEqual([
      "spawned a1 of main",
      "stopped a1 of main",
    ]);
    expect(agents(begin("a1"), notice("failed"))[1]).toBe("failed a1 of main");
  });
});

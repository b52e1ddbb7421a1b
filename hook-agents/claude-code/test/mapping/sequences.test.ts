import { describe, expect, it } from "vitest";

import { actionsOf, mapAll, readSequence } from "../support/sequence.ts";

const sequences = [
  "tools",
  "resumed-denied",
  "denied",
  "nested-agents",
  "failed-agent",
  "tasks",
  "api-error",
  "compaction",
  "sigterm",
];
/** Without the changes of the state, which have tests of their own. */
const recordsOf = (name: string) =>
  mapAll(readSequence(name)).timeline.filter((line) => !line.startsWith("state"));

describe("what the real CLI sends", () => {
  it("becomes one action per tool call, whatever its end", () => {
    expect(recordsOf("tools")).toEqual([
      "created /project",
      "session_start",
      "user_prompt",
      'metadata {"name":"Do it. …"}',
      "tool_use Bash succeeded",
      "tool_use Bash succeeded",
      "tool_use Bash failed Exit code 1",
      "tool_use Read failed File does not exist. Note: your current working directory is /project.",
      "tool_use Read failed <tool_use_error>InputValidationError: Read failed due to the following issues:",
      "response All done",
      "finalized completed",
    ]);
  });

  it("tells what was denied: by a person, a rule or another hook, beside what was allowed", () => {
    expect(recordsOf("resumed-denied").slice(-4)).toEqual([
      "permission_request Bash",
      "tool_use Bash denied touch in '/etc/x' needs approval. The path is outside the working directories for this session ('/project'). Allowing runs the command as written.",
      "response second",
      "finalized completed",
    ]);
    expect(recordsOf("denied").slice(4, -2)).toEqual([
      "tool_use Bash denied Permission to use Bash with command touch x has been denied.",
      "permission_decision Read",
      "tool_use Read denied PreToolUse:Read hook error: [echo nope >&2; exit 2]: nope",
      "tool_use Bash succeeded",
      "tool_use Bash denied Permission to use Bash with command touch y has been denied.",
      "tool_use Nope failed <tool_use_error>Error: No such tool available: Nope</tool_use_error>",
    ]);
  });

  it("links subagents to their parents, and pauses while one runs in the background", () => {
    const mapped = mapAll(readSequence("nested-agents"));
    expect(mapped.timeline.slice(5)).toEqual([
      "state working",
      "state +",
      "spawned a90f72e62e56471de of main",
      "tool_use Agent succeeded",
      "state -",
      "state +",
      "response waiting",
      "state paused",
      "tool_use Bash succeeded",
      "state -",
      "state +",
      "spawned a2c1cb95ad20522c9 of a90f72e62e56471de",
      "state +",
      "tool_use Bash succeeded",
      "state -",
      "completed a2c1cb95ad20522c9 of a90f72e62e56471de",
      "tool_use Agent succeeded",
      "state -",
      "completed a90f72e62e56471de of main",
      "task_notification",
      "state working",
      "response All done",
      "state idle",
      "state ended",
      "finalized completed",
    ]);
    expect(mapped.commands.find(({ type }) => type === "agent_completed")).toMatchObject({
      data: { completion: { toolUseId: "toolu_eb4c819d4bcb4b8d804bcea9", result: "deep result" } },
    });
  });

  it("fails a subagent whose model failed, and counts background commands as pauses", () => {
    expect(recordsOf("failed-agent").slice(4)).toEqual([
      "spawned a6aec4f028f260f59 of main",
      "stop_failure   unknown",
      "failed a6aec4f028f260f59 of main",
      expect.stringContaining("tool_use Agent failed Agent terminated early due to an API error"),
      "spawned a4db7b18fa9cf0cca of main",
      "completed a4db7b18fa9cf0cca of main",
      "tool_use Agent succeeded",
      "tool_use Bash succeeded",
      "response All done",
      "task_notification",
      "response The script is over.",
      "finalized completed",
    ]);
  });

  it("turns tasks into goals", () => {
    expect(recordsOf("tasks").filter((line) => line.startsWith("goal"))).toEqual([
      "goal task-5e551011-1 Write it",
      "goal task-5e551011-1 in_progress",
      "goal task-5e551011-1 completed",
      "goal task-5e551011-2 Second",
      "goal task-5e551011-2 cancelled",
    ]);
  });

  it("ends as an error when the model can't be reached", () => {
    expect(recordsOf("api-error").slice(-2)).toEqual([
      "stop_failure   server_error",
      "finalized error",
    ]);
  });

  it("records a compaction, without the CLI's own agents in it", () => {
    expect(mapAll(readSequence("compaction")).timeline).toEqual([
      "created /project",
      "session_start",
      "state starting",
      "compact_start",
      "state compacting",
      "session_start",
      'metadata {"model":"claude-opus-5-5"}',
      "state other",
      "compact_end",
      "state idle",
      "state ended",
      "finalized completed",
    ]);
  });

  it("ends as stopped, its running tool as interrupted, when it is told to end in a turn", () => {
    expect(recordsOf("sigterm").slice(-2)).toEqual([
      "tool_use Bash interrupted",
      "finalized stopped",
    ]);
  });

  it("keeps input, output, times and the id of a call", () => {
    const [first] = actionsOf(mapAll(readSequence("tools")), "tool_use");
    expect(first).toEqual({
      tool: "Bash",
      tool_use_id: "toolu_4e8d30f212af47bc828405f0",
      outcome: "succeeded",
      input: { command: "echo hi" },
      output: {
        stdout: "hi",
        stderr: "",
        interrupted: false,
        isImage: false,
        noOutputExpected: false,
      },
      startedAt: "2026-11-21T10:00:00.134Z",
      durationMs: 16,
    });
  });

  it.each(sequences)("gives only commands that the contract knows: %s", async (name) => {
    // Not at the top: the hook agents themselves take nothing but types from the contract.
    const { commandSchema } = await import("@sessions/contract");
    for (const command of mapAll(readSequence(name)).commands)
      expect(commandSchema.safeParse(command)).toMatchObject({ success: true });
  });

  it.each(sequences)(
    "gives the same commands, each with an id of its own, when it is mapped again: %s",
    (name) => {
      expect(mapAll(readSequence(name)).commands).toEqual(mapAll(readSequence(name)).commands);
      const ids = mapAll(readSequence(name)).commands.map(({ id }) => id);
      expect(ids).not.toContain(undefined);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});

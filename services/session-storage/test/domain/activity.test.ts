import type { Command, SessionId } from "@sessions/contract";
import { describe, expect, it } from "vitest";

import { commit } from "../../src/domain/commit.ts";
import type { Session } from "../../src/domain/session.ts";

const sessionId = "s-1" as SessionId;

function play(commands: Command[]) {
  let session: Session | undefined;
  const seen: string[] = [];
  for (const [index, command] of [
    { type: "session_created", data: {} } as Command,
    ...commands,
  ].entries()) {
    session = commit(sessionId, session, [command], {
      now: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
      newId: () => "id",
      isBatch: false,
      reopen: true,
      offsetOf: () => undefined,
    }).session;
    const { status, reason } = session?.metadata.activity ?? {};
    seen.push(reason === null ? String(status) : `${status}: ${reason}`);
  }
  return { seen, activity: session?.metadata.activity };
}

const state = (patch: Record<string, unknown>): Command => ({
  type: "state_updated",
  data: { mode: "merge", patch },
});
const finalize = (status: "completed" | "stopped" | "error", reason?: string): Command => ({
  type: "session_finalized",
  data: { status, outcome: { reason } },
});
const action: Command = { type: "action", data: { type: "step" } };

describe("the status of a session", () => {
  it.each<[string, Command[], string[]]>([
    ["runs from its creation", [action], ["running"]],
    [
      "is idle between turns, runs in them",
      [state({ phase: "idle" }), state({ phase: "working" })],
      ["idle", "running"],
    ],
    ["says why it pauses", [state({ phase: "paused" })], ["running: background tasks"]],
    [
      "waits for as long as somebody is asked",
      [
        state({ phase: "waiting", waiting: { reason: "permission_request", tool: "Bash" } }),
        state({ currentStep: null }),
        state({ waiting: null, phase: "working" }),
      ],
      ["waiting: permission_request", "waiting: permission_request", "running"],
    ],
    [
      "waits without a reason when only the phase says so",
      [state({ phase: "waiting" })],
      ["waiting"],
    ],
    ["waits for a text", [state({ waiting: "your answer" })], ["waiting: your answer"]],
    ["ends as it is finalized", [finalize("completed", "other")], ["completed: other"]],
    ["fails", [finalize("error", "api_error")], ["failed: api_error"]],
    ["is stopped", [finalize("stopped")], ["stopped"]],
    ["runs again when it is reopened", [finalize("completed"), action], ["completed", "running"]],
    [
      "is not woken by an action while it waits",
      [state({ phase: "waiting" }), action],
      ["waiting", "waiting"],
    ],
  ])("%s", (_name, commands, statuses) => {
    expect(play(commands).seen.slice(1).slice(-statuses.length)).toEqual(statuses);
  });

  it("keeps since when it came into it", () => {
    const { activity } = play([state({ phase: "waiting" }), action, state({ currentStep: "x" })]);

    expect(activity?.since).toBe("2026-01-01T00:00:01.000Z");
  });
});

it("shows what is being done, for whom it waits and what was used, in bounded text", () => {
  const { activity } = play([
    state({
      currentStep: { tool: "Bash", summary: "x".repeat(9_999), since: "2026-01-01T00:00:00Z" },
      waiting: { reason: "permission_request", tool: "Bash", summary: "rm -r build" },
      heartbeatAt: "2026-01-01T00:00:00Z",
      usage: { inputTokens: 5, outputTokens: 7, model: "m" },
    }),
    state({ usage: { outputTokens: 9, costUsd: 0.5, inputTokens: "many" } }),
  ]);

  expect(activity).toMatchObject({
    doing: { tool: "Bash", detail: "x".repeat(200), since: "2026-01-01T00:00:00Z" },
    waiting: { reason: "permission_request", tool: "Bash", detail: "rm -r build" },
    heartbeatAt: "2026-01-01T00:00:00Z",
    usage: { inputTokens: 5, outputTokens: 9, costUsd: 0.5, contextTokens: null },
  });
});

it.each([
  [{ currentStep: 7, waiting: 7, heartbeatAt: {}, usage: [], phase: [] }],
  [{ currentStep: { tool: {} }, waiting: [], usage: null, phase: null }],
])("takes any value an agent may write there: %j", (patch) => {
  expect(play([state(patch)]).activity).toMatchObject({
    status: "running",
    doing: null,
    waiting: null,
    usage: null,
  });
});

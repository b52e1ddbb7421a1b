import type { Service } from "./service.ts";

const state = (patch: object) => ({ type: "state_updated", data: { mode: "merge", patch } });
const action = (type: string, details: object) => ({ type: "action", data: { type, details } });

/** Sessions in every status, with everything that a page shows. */
export async function fillFleet(service: Service, count = 24): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const sessionId = `worker-${String(index).padStart(2, "0")}`;
    const since = new Date().toISOString();
    const usage = { inputTokens: 900 * index, outputTokens: 10, costUsd: 0.1 * index };
    const context = { contextTokens: 4_000 * index, contextWindow: 200_000 };
    const labels = { host: `box-${index % 4}`, claudeSession: "5e551011" };
    await service.post(`/api/sessions/${sessionId}/events`, [
      {
        type: "session_created",
        data: { name: `Task ${index}`, userId: index % 3 ? "ana" : "ben", model: "m", labels },
      },
      state({ phase: "working", usage: { ...usage, ...context } }),
      action("user_prompt", { prompt: "Fix the login form.\nRun the tests." }),
      ...["completed", "in_progress", "pending", "blocked", "cancelled"].map((status, goal) => ({
        type: "goal_added",
        data: { goalId: `g${goal}`, description: `Goal ${goal}`, status, priority: "high" },
      })),
      { type: "agent_spawned", data: { agentId: "a", type: "Explore", task: "Look" } },
      { type: "agent_spawned", data: { agentId: "b", type: "review", parentAgentId: "a" } },
      { type: "agent_completed", data: { agentId: "b", completion: { status: "failed" } } },
      ...["Bash", "Edit", "Read", "Grep"].flatMap((tool, call) => callOf(tool, `t${call}`, since)),
      {
        type: "response",
        data: {
          content: "# Done\n\n**Works**, see `a`:\n\n- one\n\n```\nx\n```\n\n|a|b|\n|-|-|\n|1|2|",
        },
      },
      ...endingOf(index % 6, since),
    ]);
  }
}

function callOf(tool: string, id: string, since: string): object[] {
  const hunk = { oldStart: 3, newStart: 3, lines: [" a", "-b", "+c"] };
  const failed = { outcome: "failed", error: "Exit code 1" };
  return [
    state({ running: { [id]: { tool, summary: "npm test", since } } }),
    action("tool_use", {
      tool,
      tool_use_id: id,
      input: { command: "npm test", file_path: "/src/a.ts" },
      output: tool === "Edit" ? { structuredPatch: [hunk] } : { stdout: "12 passed" },
      outcome: "succeeded",
      durationMs: 1_200,
      ...(tool === "Grep" && failed),
    }),
    state({ running: { [id]: null } }),
  ];
}

function endingOf(kind: number, since: string): object[] {
  const waiting = { reason: "permission_request", tool: "Bash", summary: "git push", since };
  const running = { tool: "Bash", summary: "npm run build", since };
  return [
    [state({ phase: "waiting", waiting })],
    [{ type: "session_finalized", data: { status: "error", outcome: { reason: "server_error" } } }],
    [{ type: "session_finalized", data: { status: "completed", response: "done" } }],
    [state({ phase: "idle" })],
    [{ type: "session_finalized", data: { status: "stopped" } }],
    [state({ running: { last: running }, currentStep: running })],
  ][kind] as object[];
}

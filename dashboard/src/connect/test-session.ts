import { appendCommands, createSession } from "../core/api.ts";

/** Marks sessions that were made to try things out. */
export const testLabelName = "test";

const action = (type: string, details: object) => ({ type: "action", data: { type, details } });
const state = (patch: object) => ({ type: "state_updated", data: { mode: "merge", patch } });
const call = (id: string, tool: string, input: object, more: object) =>
  action("tool_use", { tool, tool_use_id: id, input, ...more });

/** A small session as an agent would record it, marked with the label `test: dashboard`. @returns its id */
export async function createTestSession(nowMs: number): Promise<string> {
  const sessionId = await createSession({
    name: "Test session",
    userId: "dashboard",
    labels: { [testLabelName]: "dashboard" },
    model: "none",
  });
  const since = new Date(nowMs).toISOString();
  await appendCommands(sessionId, [
    state({ phase: "working" }),
    action("user_prompt", { prompt: "Say hello in the readme." }),
    { type: "goal_added", data: { goalId: "hello", description: "Say hello", priority: "high" } },
    { type: "agent_spawned", data: { agentId: "reader", type: "reader", task: "Read the readme" } },
    call(
      "t1",
      "Read",
      { file_path: "README.md" },
      { outcome: "succeeded", durationMs: 12, output: "# Hello?" },
    ),
    { type: "agent_completed", data: { agentId: "reader", completion: { result: "It asks." } } },
    call(
      "t2",
      "Edit",
      { file_path: "README.md" },
      {
        outcome: "succeeded",
        durationMs: 31,
        output: {
          structuredPatch: [{ oldStart: 1, newStart: 1, lines: ["-# Hello?", "+# Hello!"] }],
        },
      },
    ),
    call(
      "t3",
      "Bash",
      { command: "npm test" },
      { outcome: "failed", durationMs: 1_840, error: "Exit code 1" },
    ),
    {
      type: "response",
      data: { content: "The readme says **hello**. One test fails:\n\n- `greets`" },
    },
    { type: "goal_updated", data: { goalId: "hello", patch: { status: "in_progress" } } },
    state({
      phase: "waiting",
      waiting: { reason: "permission_request", tool: "Bash", summary: "git push", since },
    }),
  ]);
  return sessionId;
}

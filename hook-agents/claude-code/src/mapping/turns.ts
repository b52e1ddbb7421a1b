import { failAgent, followNotification } from "./agents.ts";
import type { Draft } from "./draft.ts";
import { listOf, textOf } from "./payload.ts";
import { briefOf } from "./shorten.ts";
import { summaryOf } from "./step.ts";
import { interruptTools, markAsked } from "./tools.ts";
import { noTokens } from "./usage.ts";

const nameLength = 80;
const taskNotification = "<task-notification>";
/** Notifications that ask a person for something; the others only tell. */
const asking: ReadonlySet<string> = new Set([
  "permission_prompt",
  "worker_permission_prompt",
  "agent_needs_input",
  "elicitation_dialog",
  "idle_prompt",
]);

export function submitPrompt(draft: Draft): void {
  const { payload, state } = draft;
  const prompt = textOf(payload, "prompt") ?? "";
  const promptId = textOf(payload, "prompt_id");
  state.turn = "open";
  draft.phase("working");
  if (prompt.startsWith(taskNotification)) {
    draft.action("task_notification", { prompt, promptId });
    followNotification(draft, prompt);
    return;
  }
  draft.action("user_prompt", { prompt, promptId });
  if (state.isNamed) return;
  state.isNamed = true;
  const name = prompt.trim().split("\n", 1)[0]?.slice(0, nameLength);
  if (name) draft.push({ type: "metadata_updated", data: { name } });
}

/** A turn that leaves background tasks running is paused, not over. */
export function endTurn(draft: Draft): void {
  const { payload, state } = draft;
  const tasks = listOf(payload, "background_tasks");
  const message = textOf(payload, "last_assistant_message");
  interruptTools(draft, "");
  respond(draft, "assistant_message", message ?? "", { backgroundTasks: tasks.length });
  state.turn = "ended";
  draft.phase(tasks.length > 0 ? "paused" : "idle");
  draft.patch({
    backgroundTasks: tasks.map((task) => ({
      id: textOf(task, "id") ?? null,
      type: textOf(task, "type") ?? null,
      description: textOf(task, "description")?.slice(0, 200) ?? null,
    })),
  });
}

export function failTurn(draft: Draft): void {
  const { payload, state } = draft;
  const agentId = textOf(payload, "agent_id");
  const error = textOf(payload, "error") ?? "unknown";
  const message = textOf(payload, "last_assistant_message");
  const promptId = textOf(payload, "prompt_id");
  const detail = payload["error_details"];
  draft.action("stop_failure", { error, detail, message, agentId, promptId });
  interruptTools(draft, agentId ?? "");
  if (agentId !== undefined) return failAgent(draft, agentId);
  if (message !== undefined)
    state.lastMessage = briefOf(payload, "last_assistant_message") ?? message;
  state.turn = "failed";
  state.failure = error;
  if (state.endReason === undefined) draft.phase("idle");
}

function respond(draft: Draft, type: string, content: string, more: Record<string, unknown>): void {
  const { state, payload } = draft;
  draft.respond(type, content, {
    ...more,
    promptId: textOf(payload, "prompt_id"),
    model: state.model,
    usage: state.usage.turn,
  });
  state.usage.turn = noTokens();
  const brief = briefOf(payload, "last_assistant_message");
  if (brief !== null) state.lastMessage = brief;
}

export function requestPermission(draft: Draft): void {
  const { payload } = draft;
  const tool = textOf(payload, "tool_name");
  draft.action("permission_request", {
    tool,
    input: payload["tool_input"],
    suggestions: payload["permission_suggestions"],
    agentId: textOf(payload, "agent_id"),
  });
  markAsked(draft);
  wait(draft, "permission_request", tool, summaryOf(payload["tool_input"]));
}

export function notify(draft: Draft): void {
  const { payload, state } = draft;
  const kind = textOf(payload, "notification_type");
  const message = textOf(payload, "message");
  draft.action("notification", { message, title: textOf(payload, "title"), kind });
  if (kind !== undefined && asking.has(kind) && state.waiting === undefined)
    wait(draft, kind, undefined, message ?? null);
}

function wait(
  draft: Draft,
  reason: string,
  tool: string | undefined,
  summary: string | null,
): void {
  draft.state.waiting = textOf(draft.payload, "agent_id") ?? "";
  draft.phase("waiting");
  draft.patch({ waiting: { reason, tool: tool ?? null, summary, since: draft.at } });
}

/** Whoever was waiting goes on with the next hook of the same agent, or with the turn's end. */
export function goOn(draft: Draft): void {
  const { state, payload } = draft;
  const speaker = textOf(payload, "agent_id") ?? "";
  if (state.waiting !== undefined && (speaker === state.waiting || speaker === "")) {
    delete state.waiting;
    draft.patch({ waiting: null });
    if (speaker !== "") draft.phase(state.turn === "open" ? "working" : "paused");
  }
  if (speaker === "") draft.phase("working");
}

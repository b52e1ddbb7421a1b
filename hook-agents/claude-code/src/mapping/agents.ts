import type { AgentCompletion } from "@sessions/contract";

import type { Draft } from "./draft.ts";
import { textOf } from "./payload.ts";
import { briefOf } from "./shorten.ts";
import type { RunningTool } from "./state.ts";

type Status = "completed" | "failed" | "stopped";

const isAgentTool = (tool: string) => tool === "Agent" || tool === "Task";

/**
 * SubagentStart has no tool_use_id. The calls of the Agent tool that wait for a subagent are known;
 * when they have one caller, that is the parent. The exact link follows with the subagent's end.
 */
export function startAgent(draft: Draft): void {
  const agentId = textOf(draft.payload, "agent_id");
  if (agentId === undefined) return;
  const known = draft.state.agents[agentId];
  // A message to a subagent that had ended wakes it.
  if (known) return void (known.isRunning = true);
  const type = textOf(draft.payload, "agent_type") ?? "unknown";
  const waiting = Object.entries(draft.state.tools).filter(
    ([, call]) =>
      isAgentTool(call.tool) &&
      !call.claimedBy &&
      (textOf(call.input, "subagent_type") ?? type) === type,
  );
  const callers = new Set(waiting.map(([, call]) => call.agentId ?? null));
  const [caller = null] = callers.size === 1 ? callers : [];
  const [toolUseId, call] = waiting.length === 1 ? (waiting[0] ?? []) : [];
  if (call) call.claimedBy = agentId;
  spawn(draft, agentId, type, caller, toolUseId, call);
}

function spawn(
  { state, push }: Draft,
  agentId: string,
  type: string,
  parentAgentId: string | null,
  toolUseId?: string,
  call?: RunningTool,
): void {
  state.agents[agentId] = {
    type,
    parentAgentId,
    isRunning: true,
    ...(toolUseId !== undefined && { toolUseId }),
  };
  const task = call && {
    description: textOf(call.input, "description") ?? null,
    prompt: textOf(call.input, "prompt") ?? null,
  };
  push({
    type: "agent_spawned",
    data: { agentId, type, parentAgentId, ...(task && { task }), ...(toolUseId && { toolUseId }) },
  });
}

/** A subagent that speaks and was never announced: the relay came late. */
export function meetAgent(draft: Draft): void {
  const agentId = textOf(draft.payload, "agent_id");
  const type = textOf(draft.payload, "agent_type");
  // The CLI's own short-lived agents, that of a compaction for example, have no type.
  if (agentId === undefined || type === undefined || draft.state.agents[agentId]) return;
  spawn(draft, agentId, type, null);
}

export function stopAgent(draft: Draft): void {
  const agentId = textOf(draft.payload, "agent_id");
  if (agentId === undefined) return;
  complete(draft, agentId, "completed", {
    result: briefOf(draft.payload, "last_assistant_message"),
  });
}

export function failAgent(draft: Draft, agentId: string): void {
  complete(draft, agentId, "failed", {
    result: briefOf(draft.payload, "last_assistant_message"),
    error: textOf(draft.payload, "error") ?? "unknown",
  });
}

/** A failed call of the Agent tool takes its subagent with it. */
export function completeFailedCall(draft: Draft, call?: RunningTool, error = "unknown"): void {
  const agentId = call?.claimedBy;
  if (agentId !== undefined && draft.state.agents[agentId]?.isRunning)
    complete(draft, agentId, "failed", { result: null, error });
}

/** The answer of the Agent tool names the subagent: the one link that hooks give for sure. */
export function linkAgent(
  draft: Draft,
  toolUseId: string,
  call?: RunningTool,
  output?: unknown,
): void {
  const agentId = textOf(output, "agentId");
  if (agentId === undefined || !isAgentTool(textOf(draft.payload, "tool_name") ?? "")) return;
  const parentAgentId = textOf(draft.payload, "agent_id") ?? null;
  const type = textOf(draft.payload["tool_input"], "subagent_type") ?? "unknown";
  if (!draft.state.agents[agentId]) spawn(draft, agentId, type, parentAgentId, toolUseId, call);
  const agent = draft.state.agents[agentId];
  if (!agent) return;
  const isCorrected = agent.parentAgentId !== parentAgentId;
  agent.toolUseId = toolUseId;
  agent.parentAgentId = parentAgentId;
  const isOver = textOf(output, "status") === "completed";
  if (agent.isRunning ? isOver : isCorrected) complete(draft, agentId, "completed", {});
}

/** A background subagent's end is told to the model as a prompt. */
export function followNotification(draft: Draft, prompt: string): void {
  const agentId = /<task-id>([^<]+)<\/task-id>/.exec(prompt)?.[1];
  const status = /<status>([^<]+)<\/status>/.exec(prompt)?.[1];
  if (agentId === undefined || !draft.state.agents[agentId]?.isRunning) return;
  const ends: Record<string, Status> = {
    completed: "completed",
    failed: "failed",
    killed: "stopped",
  };
  if (status !== undefined) complete(draft, agentId, ends[status] ?? "stopped", {});
}

/** With the session everything ends that it started. */
export function stopAgents(draft: Draft): void {
  for (const [agentId, agent] of Object.entries(draft.state.agents))
    if (agent.isRunning) complete(draft, agentId, "stopped", {});
}

function complete(
  { state, push, agentLink, payload }: Draft,
  agentId: string,
  status: Status,
  more: AgentCompletion,
): void {
  const agent = state.agents[agentId];
  if (!agent) return;
  if (agentLink && textOf(payload, "agent_id") === agentId) {
    agent.parentAgentId = agentLink.parentAgentId;
    if (agentLink.toolUseId !== undefined) agent.toolUseId = agentLink.toolUseId;
  }
  agent.isRunning = false;
  const { parentAgentId, toolUseId } = agent;
  const usage = state.usage.byAgent[agentId];
  const completion = { status, parentAgentId, ...more, ...(toolUseId && { toolUseId }) };
  push({
    type: "agent_completed",
    data: { agentId, completion: usage ? { ...completion, usage } : completion },
  });
}

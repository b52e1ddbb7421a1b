import { completeFailedCall, linkAgent } from "./agents.ts";
import type { Draft } from "./draft.ts";
import { followTaskUpdate } from "./goals.ts";
import { numberOf, textOf } from "./payload.ts";
import { shorten } from "./shorten.ts";
import { latestStep, summaryOf } from "./step.ts";

export type Outcome = "succeeded" | "failed" | "denied" | "interrupted";

/** One message may have called so many tools, and all failed. */
const rememberedFailures = 32;
/** Bytes of a running call's input that are remembered, for the case that its end brings none. */
const rememberedBytes = 16_384;

/** The call shows in the state while it runs; its one action is written at its end. */
export function startTool(draft: Draft): void {
  const { payload, state, at } = draft;
  const id = textOf(payload, "tool_use_id");
  if (id === undefined) return;
  const tool = textOf(payload, "tool_name") ?? "unknown";
  const agentId = textOf(payload, "agent_id");
  const input = shorten(payload["tool_input"], rememberedBytes).value;
  state.tools[id] = {
    tool,
    input,
    startedAt: at,
    boot: draft.boot,
    ...(agentId !== undefined && { agentId }),
  };
  const step = { tool, summary: summaryOf(payload["tool_input"]), since: at };
  draft.patch({
    running: { [id]: { ...step, ...(agentId !== undefined && { agentId }) } },
    currentStep: { ...step, toolUseId: id, agentId: agentId ?? null },
  });
}

export function finishTool(draft: Draft): void {
  const { payload } = draft;
  const id = textOf(payload, "tool_use_id");
  // Managed settings' hooks are told of a failure twice, the second time as if it were a result.
  if (id === undefined || draft.state.failed?.includes(id)) return;
  const call = draft.state.tools[id];
  const output = payload["tool_response"];
  endTool(draft, id, "succeeded", {
    tool: textOf(payload, "tool_name"),
    input: payload["tool_input"],
    output,
    durationMs: numberOf(payload, "duration_ms"),
    agentId: textOf(payload, "agent_id"),
  });
  linkAgent(draft, id, call, output);
  followTaskUpdate(draft, output);
}

export function failTool(draft: Draft): void {
  const { payload } = draft;
  const id = textOf(payload, "tool_use_id");
  if (id === undefined) return;
  const call = draft.state.tools[id];
  endTool(draft, id, payload["is_interrupt"] === true ? "interrupted" : "failed", {
    tool: textOf(payload, "tool_name"),
    input: payload["tool_input"],
    error: textOf(payload, "error"),
    durationMs: numberOf(payload, "duration_ms"),
    agentId: textOf(payload, "agent_id"),
  });
  draft.state.failed = [...(draft.state.failed ?? []), id].slice(-rememberedFailures);
  completeFailedCall(draft, call, textOf(payload, "error"));
}

/** Writes what never ended: of one agent ("" is the main one), or of all. */
export function interruptTools(draft: Draft, agentId?: string): void {
  for (const [id, call] of Object.entries(draft.state.tools))
    if (agentId === undefined || (call.agentId ?? "") === agentId)
      endTool(draft, id, "interrupted", { input: call.input, agentId: call.agentId });
}

/** The calls that a permission request without an id may be about. */
export function markAsked({ payload, state }: Draft): void {
  const input = JSON.stringify(shorten(payload["tool_input"], rememberedBytes).value);
  for (const call of Object.values(state.tools))
    if (call.tool === payload["tool_name"] && JSON.stringify(call.input) === input)
      call.asked = true;
}

export interface End {
  tool?: string | undefined;
  input?: unknown;
  output?: unknown;
  error?: string | undefined;
  /** Why it was denied, in the words of who denied it. */
  reason?: string | undefined;
  durationMs?: number | undefined;
  agentId?: string | undefined;
}

/** The call's one action. */
export function endTool(draft: Draft, id: string, outcome: Outcome, end: End): void {
  const { state, at } = draft;
  const call = state.tools[id];
  const { tool = call?.tool ?? "unknown", input, output, error, reason, durationMs, agentId } = end;
  draft.action("tool_use", {
    tool,
    tool_use_id: id,
    outcome,
    input,
    output,
    error,
    reason,
    agentId,
    startedAt: call?.startedAt,
    durationMs: durationMs ?? (call && Date.parse(at) - Date.parse(call.startedAt)),
    promptId: textOf(draft.payload, "prompt_id"),
  });
  if (!call) return;
  delete state.tools[id];
  draft.patch({ running: { [id]: null }, currentStep: latestStep(state.tools) });
}

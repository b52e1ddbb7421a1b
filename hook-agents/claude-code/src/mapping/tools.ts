import { completeFailedCall, linkAgent } from "./agents.ts";
import type { Draft } from "./draft.ts";
import { followTaskUpdate } from "./goals.ts";
import { isObject, listOf, numberOf, textOf } from "./payload.ts";
import { shorten } from "./shorten.ts";
import type { RunningTool } from "./state.ts";

type Outcome = "succeeded" | "failed" | "denied" | "interrupted";

/** Bytes of a running call's input that are remembered, for the case that its end brings none. */
const rememberedBytes = 16_384;
const summaryLength = 200;
const inputError = "<tool_use_error>";

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
  if (id === undefined) return;
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
  completeFailedCall(draft, call, textOf(payload, "error"));
}

/**
 * The only hook that tells of calls which were denied or whose input was not valid: what is still running
 * had no end of its own, and what never began was refused before PreToolUse.
 */
export function endBatch(draft: Draft): void {
  const agentId = textOf(draft.payload, "agent_id");
  for (const entry of listOf(draft.payload, "tool_calls")) {
    const id = textOf(entry, "tool_use_id");
    if (id === undefined || !isObject(entry)) continue;
    const call = draft.state.tools[id];
    const said = resultText(entry["tool_response"]);
    const wasRefused = said.startsWith(inputError);
    if (!call && !wasRefused) continue;
    const outcome = wasRefused ? "failed" : judge(draft, call, said);
    endTool(draft, id, outcome, {
      tool: textOf(entry, "tool_name"),
      input: entry["tool_input"],
      ...(outcome === "succeeded" ? { output: entry["tool_response"] } : { error: said }),
      agentId,
    });
  }
}

/** A call that began under an earlier relay may have ended while none was there; then its text must tell. */
function judge({ boot }: Draft, call: RunningTool | undefined, said: string): Outcome {
  if (call?.asked || call?.boot === boot) return "denied";
  return /^(Exit code|Error)/.test(said) ? "failed" : "succeeded";
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

interface End {
  tool?: string | undefined;
  input?: unknown;
  output?: unknown;
  error?: string | undefined;
  durationMs?: number | undefined;
  agentId?: string | undefined;
}

function endTool(draft: Draft, id: string, outcome: Outcome, end: End): void {
  const { state, at } = draft;
  const call = state.tools[id];
  const { tool = call?.tool ?? "unknown", input, output, error, durationMs, agentId } = end;
  draft.action("tool_use", {
    tool,
    tool_use_id: id,
    outcome,
    input,
    output,
    error,
    agentId,
    startedAt: call?.startedAt,
    durationMs: durationMs ?? (call && Date.parse(at) - Date.parse(call.startedAt)),
    promptId: textOf(draft.payload, "prompt_id"),
  });
  if (!call) return;
  delete state.tools[id];
  draft.patch({ running: { [id]: null }, currentStep: latestStep(state.tools) });
}

function latestStep(tools: Record<string, RunningTool>): object | null {
  const [id, call] = Object.entries(tools).at(-1) ?? [];
  if (id === undefined || call === undefined) return null;
  return {
    tool: call.tool,
    summary: summaryOf(call.input),
    since: call.startedAt,
    toolUseId: id,
    agentId: call.agentId ?? null,
  };
}

/** What the call is about in one line: a command, a path, a question. */
export function summaryOf(input: unknown): string | null {
  const names = [
    "description",
    "command",
    "file_path",
    "path",
    "pattern",
    "url",
    "query",
    "prompt",
  ];
  const text = names.map((name) => textOf(input, name)).find(Boolean);
  return text?.split("\n", 1)[0]?.slice(0, summaryLength) ?? null;
}

function resultText(response: unknown): string {
  if (typeof response === "string") return response;
  if (!Array.isArray(response)) return "";
  return response.map((block) => textOf(block, "text") ?? "").join("\n");
}

import { isObject, listOf, textOf } from "../mapping/payload.ts";
import {
  initialMappingState,
  type KnownAgent,
  type MappingState,
  type RunningTool,
} from "../mapping/state.ts";
import { countUsage, noTokens, noUsage, type TranscriptEntry } from "../mapping/usage.ts";
import type { FoundSession } from "./find.ts";

/** What the transcripts tell that the session's state does not. */
export interface ToldByTranscripts {
  readonly usage: readonly TranscriptEntry[];
  /** What calls were made with, by tool_use_id. */
  readonly inputs: ReadonlyMap<string, unknown>;
}

/**
 * What a relay would know of the session had it recorded all of it: whatever ran when the session was left is
 * interrupted by the next SessionStart, and tokens go on from what was counted.
 */
export function seedMapping(
  { metadata, state }: FoundSession,
  { usage: entries, inputs }: ToldByTranscripts,
): MappingState {
  const usage = noUsage();
  countUsage(usage, entries);
  usage.turn = noTokens();
  const model = textOf(metadata, "model");
  const createdAt = textOf(metadata, "createdAt");
  return {
    ...initialMappingState(),
    isCreated: true,
    ...(createdAt !== undefined && { createdAt }),
    isNamed: textOf(metadata, "name") !== undefined,
    ...(model !== undefined && { model }),
    tools: toolsIn(state["running"], inputs),
    agents: Object.fromEntries(listOf(state, "agents").flatMap(agentIn)),
    goals: Object.fromEntries(listOf(state, "goals").flatMap(goalIn)),
    usage,
  };
}

function toolsIn(
  running: unknown,
  inputs: ReadonlyMap<string, unknown>,
): Record<string, RunningTool> {
  if (!isObject(running)) return {};
  const tools = Object.entries(running).map(([id, call]) => {
    const agentId = textOf(call, "agentId");
    const known: RunningTool = {
      tool: textOf(call, "tool") ?? "unknown",
      input: inputs.get(id) ?? { description: textOf(call, "summary") ?? null },
      startedAt: textOf(call, "since") ?? new Date().toISOString(),
      boot: "elsewhere",
      ...(agentId !== undefined && { agentId }),
    };
    return [id, known] as const;
  });
  return Object.fromEntries(tools);
}

function agentIn(agent: unknown): [string, KnownAgent][] {
  const agentId = textOf(agent, "agentId");
  const toolUseId = textOf(agent, "toolUseId");
  if (agentId === undefined) return [];
  const known: KnownAgent = {
    type: textOf(agent, "type") ?? "unknown",
    parentAgentId: textOf(agent, "parentAgentId") ?? null,
    isRunning: textOf(agent, "status") === "running",
    ...(toolUseId !== undefined && { toolUseId }),
  };
  return [[agentId, known]];
}

function goalIn(goal: unknown): [string, string][] {
  const goalId = textOf(goal, "goalId");
  return goalId === undefined ? [] : [[goalId, textOf(goal, "status") ?? "pending"]];
}

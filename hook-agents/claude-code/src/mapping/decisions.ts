import type { Draft } from "./draft.ts";

/** What a PreToolUse hook of the user's own said about a call. */
export interface Decision {
  readonly toolUseId: string;
  readonly tool: string;
  /** `allow` or `ask`; of a `deny` only the call's result tells. */
  readonly decision: string;
  readonly reason?: string;
  /** Of the subagent that called; undefined for the main one. */
  readonly agentId?: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * No hook is told what another one decided. The transcript is, a moment behind the call, so these records come
 * after the call's own.
 */
export function learnDecisions(draft: Draft): void {
  for (const { at, toolUseId, ...said } of draft.decisions ?? []) {
    // A fork begins with a copy of another session's transcript.
    if (Date.parse(at) < Date.parse(draft.state.createdAt ?? "")) continue;
    draft.action("permission_decision", { ...said, tool_use_id: toolUseId, decidedAt: at });
  }
}

/** How the CLI says that a hook denied the call; 2.1.197 gives the reason alone. */
const byHook = /^PreToolUse:\S+ hook error: ([^]*)$/;

export interface Denial {
  readonly reason: string;
  readonly isByHook: boolean;
}

/** @param said what the agent was told in place of a result */
export function denialOf(said: string): Denial {
  const reason = byHook.exec(said)?.[1];
  return { reason: (reason ?? said).trim(), isByHook: reason !== undefined };
}

import { noUsage, type Usage } from "./usage.ts";

/** A tool that began and has not ended. */
export interface RunningTool {
  readonly tool: string;
  /** Shortened. */
  readonly input: unknown;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the relay that saw it begin. */
  readonly boot: string;
  readonly agentId?: string;
  /** The subagent that this call of the Agent tool started, once one did. */
  claimedBy?: string;
  /** A person was, or would have been, asked for permission. */
  asked?: boolean;
}

export interface KnownAgent {
  readonly type: string;
  parentAgentId: string | null;
  toolUseId?: string;
  isRunning: boolean;
}

export type Phase = "starting" | "working" | "waiting" | "paused" | "compacting" | "idle" | "ended";

/** What is remembered between the hooks of one Claude session; JSON, kept on disk by the relay. */
export interface MappingState {
  phase: Phase | "none";
  /** Whose hook made the phase `waiting`: "" for the main agent; undefined when nobody waits. */
  waiting?: string;
  turn: "none" | "open" | "ended" | "failed";
  /** Of the last turn that failed. */
  failure?: string;
  isCreated: boolean;
  /** ISO 8601; undefined in notes of an earlier version. */
  createdAt?: string;
  isNamed: boolean;
  model?: string;
  lastMessage?: string;
  /** Why the session ended; undefined while it goes on. */
  endReason?: string;
  tools: Record<string, RunningTool>;
  /** Ids of the latest calls that failed; undefined in notes of an earlier version. */
  failed?: string[];
  agents: Record<string, KnownAgent>;
  goals: Record<string, string>;
  usage: Usage;
}

export const initialMappingState = (): MappingState => ({
  phase: "none",
  turn: "none",
  isCreated: false,
  isNamed: false,
  tools: {},
  agents: {},
  goals: {},
  usage: noUsage(),
});

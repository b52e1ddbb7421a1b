import type { Command } from "@sessions/contract";

import type { Decision } from "./decisions.ts";
import { type HookPayload, isObject } from "./payload.ts";
import { shorten } from "./shorten.ts";
import type { MappingState, Phase } from "./state.ts";
import type { TranscriptEntry } from "./usage.ts";

/** One hook as the relay saw it: payloads have neither time nor number of their own. */
export interface Observation {
  readonly payload: HookPayload;
  /** ISO 8601. */
  readonly at: string;
  /** Of the relay's process, and the hook's number in it: the same hook leads to the same command ids. */
  readonly boot: string;
  readonly seq: number;
  /** What the transcripts told since the last hook that looked. */
  readonly transcript?: readonly TranscriptEntry[];
  readonly decisions?: readonly Decision[];
  /** What the CLI keeps on disk about the subagent of this hook. */
  readonly agentLink?: AgentLink;
  /** The session was taken over from elsewhere, and this is the first hook since. */
  readonly restored?: Record<string, unknown>;
}
export interface AgentLink {
  readonly toolUseId?: string;
  readonly parentAgentId: string | null;
}

/** Where the mapping of one hook writes to; the changes of the state become one command. */
export interface Draft extends Observation {
  readonly state: MappingState;
  readonly action: (type: string, details: Record<string, unknown>) => void;
  readonly respond: (type: string, content: string, details: Record<string, unknown>) => void;
  /** Merge patch (RFC 7396) of the service's state document; null deletes. */
  readonly patch: (members: Record<string, unknown>) => void;
  readonly phase: (phase: Phase) => void;
  readonly push: (command: Command) => void;
}

export interface OpenDraft extends Draft {
  /** The commands in order, the state after the records and before what ends the session. */
  readonly commands: () => Command[];
}

export function createDraft(observation: Observation, state: MappingState): OpenDraft {
  const { boot, seq, at } = observation;
  const commands: Command[] = [];
  let patch: Record<string, unknown> = {};
  const push = (command: Command) => {
    commands.push({ ...command, id: `${boot}.${seq}.${commands.length}` });
  };

  /** `undefined` members go; long texts are cut and told. */
  const detailsOf = (details: Record<string, unknown>) => {
    const given = Object.entries(details).filter(([, value]) => value !== undefined);
    const { value, shortened } = shorten(Object.fromEntries(given));
    const kept = typeof value === "string" ? { text: value } : (value as Record<string, unknown>);
    return shortened.length > 0 ? { ...kept, shortened } : kept;
  };

  return {
    ...observation,
    state,
    action(type, details) {
      push({ type: "action", data: { timestamp: at, type, details: detailsOf(details) } });
    },
    respond(type, content, details) {
      const { content: text = "", ...more } = detailsOf({ content, ...details });
      push({ type: "response", data: { timestamp: at, type, content: text, ...more } });
    },
    patch(members) {
      patch = mergePatches(patch, members);
    },
    phase(phase) {
      if (state.phase === phase) return;
      state.phase = phase;
      patch = { ...patch, phase };
    },
    push,
    commands() {
      if (Object.keys(patch).length === 0) return commands;
      const end = commands.findIndex(({ type }) => type === "session_finalized");
      const place = end < 0 ? commands.length : end;
      const id = `${boot}.${seq}.${commands.length}`;
      const change: Command = { type: "state_updated", id, data: { mode: "merge", patch } };
      return commands.toSpliced(place, 0, change);
    },
  };
}

function mergePatches(
  first: Record<string, unknown>,
  second: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? mergePatches(before, value) : value;
  }
  return merged;
}

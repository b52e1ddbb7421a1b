import type { SessionMetadata, State } from "@sessions/contract";

import { foldActivity } from "./activity.ts";
import type { SessionEvent } from "./event.ts";
import { foldLease } from "./lease.ts";
import { deepMerge, mergePatch } from "./merge.ts";
import { type Session, emptySession, isCommonLog, logFileOf } from "./session.ts";
import { foldTranscripts } from "./transcripts.ts";

/**
 * The one place that says what an event means.
 * @returns undefined once the session is deleted
 */
export function fold(session: Session | undefined, event: SessionEvent): Session | undefined {
  return event.type === "session_deleted" ? undefined : foldOn(session, event);
}

/**
 * The same for the files of a session, in which a deletion is followed by what brought it back. An event at or below what is folded already changes
 * nothing, for metadata and state apart, so that snapshots of different age can be brought up to date.
 */
export function foldOn(session: Session | undefined, event: SessionEvent): Session {
  const before = session ?? emptySession(event.sessionId);
  const isNewForState = event.offset > before.stateOffset;
  const state = isNewForState ? foldState(before.state, event) : before.state;
  const stateOffset = isNewForState ? event.offset : before.stateOffset;
  if (event.offset <= before.metadata.offset) return { ...before, state, stateOffset };

  const file = logFileOf(event);
  return {
    metadata: foldMetadata(before.metadata, event, state),
    state,
    stateOffset,
    seqs: isCommonLog(file) ? { ...before.seqs, [file]: before.seqs[file] + 1 } : before.seqs,
    transcripts: foldTranscripts(before.transcripts, event),
    stateBytes: before.stateBytes + (file === "changes" ? event.json.length : 0),
  };
}

function foldMetadata(
  metadata: SessionMetadata,
  event: SessionEvent,
  state: State,
): SessionMetadata {
  const next = {
    ...metadata,
    offset: event.offset,
    lastActivityAt: event.timestamp,
    activity: foldActivity(metadata.activity, event),
  };
  switch (event.type) {
    case "session_created": {
      const { userId, name, labels, tags, parentSession, model, workingDirectory } = event.data;
      return {
        ...next,
        createdAt: event.timestamp,
        userId: userId ?? null,
        name: name ?? null,
        labels: labels ?? {},
        tags: tags ?? [],
        parentSession: parentSession ?? null,
        model: model ?? null,
        workingDirectory: workingDirectory ?? null,
      };
    }
    case "action":
      return { ...next, counts: { ...next.counts, actions: next.counts.actions + 1 } };
    case "response":
      return { ...next, counts: { ...next.counts, responses: next.counts.responses + 1 } };
    case "goal_added":
    case "goal_updated":
    case "agent_spawned":
    case "agent_completed":
      return { ...next, counts: { ...next.counts, ...countItems(state) } };
    case "metadata_updated": {
      const { patch } = event.data;
      return {
        ...next,
        ...(patch.name !== undefined && { name: patch.name }),
        ...(patch.model !== undefined && { model: patch.model }),
        ...(patch.tags !== undefined && { tags: patch.tags ?? [] }),
        ...(patch.labels !== undefined && { labels: patchLabels(next.labels, patch.labels) }),
        ...(patch.status !== undefined && { status: patch.status, finalizedAt: null }),
      };
    }
    case "session_finalized": {
      const { status, finalizedAt } = event.data;
      return { ...next, status, finalizedAt };
    }
    case "lease_acquired":
    case "lease_released":
      return { ...next, lease: foldLease(metadata.lease, event) };
    case "state_updated":
    case "transcript_entry":
    case "transcript_summarized":
    case "transcript_deleted":
    case "session_deleted":
    case "session_restored":
      return next;
  }
}

function patchLabels(
  labels: Record<string, string>,
  patch: Record<string, string | null> | null,
): Record<string, string> {
  return patch === null ? {} : (mergePatch(labels, patch) as Record<string, string>);
}

function countItems({ goals, agents }: State) {
  return {
    goals: goals.length,
    goalsCompleted: goals.filter((goal) => goal.status === "completed").length,
    agents: agents.length,
    agentsRunning: agents.filter((agent) => agent.status === "running").length,
  };
}

function foldState(state: State, event: SessionEvent): State {
  switch (event.type) {
    case "state_updated": {
      const { mode, patch, version } = event.data;
      const merge = mode === "merge" ? mergePatch : deepMerge;
      const merged = merge(state, patch) as State;
      // A merge patch may delete them, yet every client reads them.
      return { ...merged, ...absentAsNull(merged), version };
    }
    case "goal_added": {
      const { goal, version } = event.data;
      return { ...state, goals: [...state.goals, goal], version };
    }
    case "goal_updated": {
      const { goal, version } = event.data;
      const goals = state.goals.map((old) => (old.goalId === goal.goalId ? goal : old));
      return { ...state, goals, version };
    }
    case "agent_spawned": {
      const { agent, version } = event.data;
      return { ...state, agents: [...state.agents, agent], version };
    }
    case "agent_completed": {
      const { agent, version } = event.data;
      const agents = state.agents.map((old) => (old.agentId === agent.agentId ? agent : old));
      return { ...state, agents, version };
    }
    default:
      return state;
  }
}

function absentAsNull({ phase = null, currentStep = null, workspace = null }: Partial<State>) {
  return { phase, currentStep, workspace };
}

import {
  type Command,
  type EventData,
  type EventType,
  type LeaseInput,
  type PatchMode,
  type RecordData,
  type StatePatch,
  type TranscriptSummary,
  managedStateMembers,
} from "@sessions/contract";

import { ServiceError } from "./errors.ts";
import type { EventDraft } from "./event.ts";
import { changeGoal, completeAgent, newAgent, newGoal } from "./items.ts";
import { type LeaseContext, acquireLease, checkEpoch, releaseLease } from "./lease.ts";
import { findForbiddenKey } from "./merge.ts";
import type { Session } from "./session.ts";
import { appendEntry, deleteTranscript, summarize } from "./transcript-commands.ts";

/** What only a route can ask for. */
type RouteCommand =
  | { type: "session_deleted"; force: boolean }
  | { type: "session_restored"; deletedAt: number; created: number }
  | { type: "transcript_summarized"; projectKey: string; summary: TranscriptSummary; base: number }
  | { type: "transcript_deleted"; projectKey: string; subpath: string | null }
  | { type: "lease_acquired"; data: LeaseInput }
  | { type: "lease_released"; epoch: number };
export type SessionCommand = Command | (RouteCommand & { id?: string });

export interface DecideContext extends LeaseContext {
  newId(): string;
  /** A refusal names the index of the command in its batch. */
  readonly isBatch: boolean;
  /** A finalized session goes on instead of refusing. */
  readonly reopen: boolean;
  /** Refuse with `version_mismatch` unless the state has one of these versions. */
  readonly ifVersions?: readonly number[];
  /** Refuse with `stale_epoch` unless the lease has this one. */
  readonly epoch?: number | undefined;
}

/** Commands that need a session that goes on. */
const recording: ReadonlySet<SessionCommand["type"]> = new Set([
  "action",
  "response",
  "state_updated",
  "goal_added",
  "goal_updated",
  "agent_spawned",
  "agent_completed",
  "session_finalized",
]);

/** What a command leads to, in the state that the session has; throws what refuses it. */
export function decide(
  session: Session | undefined,
  command: SessionCommand,
  context: DecideContext,
): EventDraft[] {
  if (command.type === "session_created") return create(session, command.data, context);
  if (session === undefined) throw new ServiceError("session_not_found", "no such session");
  if (context.epoch !== undefined) checkEpoch(session.metadata.lease, context.epoch);
  if (command.type === "session_deleted") return remove(session, command.force);
  if (command.type === "session_restored") {
    const { deletedAt, created } = command;
    return draft("session_restored", { deletedAt, created });
  }

  const isOver = session.metadata.status !== "active" && recording.has(command.type);
  if (isOver && !context.reopen) {
    throw new ServiceError(
      "session_finalized",
      `the session is ${session.metadata.status}; append with ?reopen=true to go on`,
    );
  }
  return [...(isOver ? [reopened] : []), ...record(session, command, context)];
}

const reopened: EventDraft = {
  type: "metadata_updated",
  data: { patch: { status: "active" }, reason: "reopened" },
};

function draft<Type extends EventType>(type: Type, data: EventData[Type]): EventDraft[] {
  return [{ type, data } as EventDraft];
}

type Input<Type extends Command["type"]> = Extract<Command, { type: Type }>["data"];

function create(
  session: Session | undefined,
  input: Input<"session_created">,
  { reopen }: DecideContext,
): EventDraft[] {
  if (session === undefined) return draft("session_created", input);
  const { userId, status } = session.metadata;
  if (input.userId !== undefined && input.userId !== userId) {
    throw new ServiceError("session_exists", "the session exists and belongs to another userId", {
      errors: [{ field: "/userId", message: "differs from the session's" }],
    });
  }
  return reopen && status !== "active" ? [reopened] : [];
}

function remove(session: Session, force: boolean): EventDraft[] {
  if (session.metadata.status === "active" && !force) {
    throw new ServiceError(
      "session_running",
      "the session is still running; finalize it first or delete with ?force=true",
    );
  }
  return draft("session_deleted", {});
}

function record(
  session: Session,
  command: Exclude<
    SessionCommand,
    { type: "session_created" | "session_deleted" | "session_restored" }
  >,
  context: DecideContext,
): EventDraft[] {
  const version = session.state.version + 1;
  const { now } = context;
  switch (command.type) {
    case "action":
    case "response": {
      const file = command.type === "action" ? "actions" : "responses";
      const { id = command.id, timestamp = now, type = "response", ...members } = command.data;
      return draft(command.type, {
        // The service reads `seq` and `id` back from the head of the line: they stay first.
        seq: session.seqs[file] + 1,
        ...(id !== undefined && { id }),
        timestamp,
        type,
        ...members,
      } as unknown as RecordData);
    }
    case "state_updated":
      return patchState(session, command.data, context);
    case "goal_added":
      return draft("goal_added", { version, goal: newGoal(session.state, command.data, context) });
    case "goal_updated": {
      const { goalId, patch } = command.data;
      const goal = session.state.goals.find((candidate) => candidate.goalId === goalId);
      if (goal === undefined) throw new ServiceError("goal_not_found", `no goal ${goalId}`);
      return draft("goal_updated", { version, goal: changeGoal(goal, patch, now), patch });
    }
    case "agent_spawned":
      return draft("agent_spawned", {
        version,
        agent: newAgent(session.state, command.data, context),
      });
    case "agent_completed": {
      const { agentId, completion } = command.data;
      const agent = session.state.agents.find((candidate) => candidate.agentId === agentId);
      if (agent === undefined) throw new ServiceError("agent_not_found", `no agent ${agentId}`);
      return draft("agent_completed", {
        version,
        agent: completeAgent(agent, completion, now),
      });
    }
    case "transcript_entry":
      return appendEntry(session.transcripts, command.data);
    case "transcript_summarized":
      return summarize(session.transcripts, command);
    case "transcript_deleted":
      return deleteTranscript(session.transcripts, command);
    case "lease_acquired":
      return acquireLease(session.metadata.lease, command.data, context);
    case "lease_released":
      return releaseLease(session.metadata.lease, command.epoch);
    case "metadata_updated":
      return draft("metadata_updated", { patch: command.data });
    case "session_finalized": {
      const { status, outcome = null, response = null } = command.data;
      return draft("session_finalized", { status, outcome, response, finalizedAt: now });
    }
  }
}

function patchState(
  { state }: Session,
  { mode, patch }: { mode: PatchMode; patch: StatePatch },
  { ifVersions }: DecideContext,
): EventDraft[] {
  if (ifVersions !== undefined && !ifVersions.includes(state.version)) {
    const detail = `the state has version ${state.version}, which If-Match does not name`;
    throw new ServiceError("version_mismatch", detail, { members: { version: state.version } });
  }
  const managed = managedStateMembers.find((name) => Object.hasOwn(patch, name));
  if (managed !== undefined) {
    throw refusedMember(
      `/${managed}`,
      "is kept by the service; goals and agents have calls of their own",
    );
  }
  const forbidden = findForbiddenKey(patch);
  if (forbidden !== undefined) throw refusedMember(forbidden, "is not allowed as a key of a patch");
  return draft("state_updated", { version: state.version + 1, mode, patch });
}

function refusedMember(field: string, message: string): ServiceError {
  return new ServiceError("invalid_content", `${field} ${message}`, {
    errors: [{ field, message }],
  });
}

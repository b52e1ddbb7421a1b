import type { EventType, SessionId, SessionMetadata, State } from "@sessions/contract";

import { initialActivity } from "./activity.ts";

/** The append-only files of a session. */
export const logFiles = ["actions", "responses", "changes"] as const;
export type LogFile = (typeof logFiles)[number];

/** The fold of one session's events. Immutable: a new event gives a new one. */
export interface Session {
  /** `metadata.offset` is the last offset folded into it. */
  readonly metadata: SessionMetadata;
  readonly state: State;
  /** The last offset folded into `state`. */
  readonly stateOffset: number;
  /** Lines so far in each file. */
  readonly seqs: Readonly<Record<LogFile, number>>;
  /** At least the state's size as JSON; exact when it was last measured. */
  readonly stateBytes: number;
}

export function logFileOf(type: EventType): LogFile {
  if (type === "action") return "actions";
  if (type === "response") return "responses";
  return "changes";
}

/** Before its first event; every fold starts here, whatever is lost of the history. */
export function emptySession(sessionId: SessionId): Session {
  const never = "1970-01-01T00:00:00.000Z";
  return {
    metadata: {
      sessionId,
      userId: null,
      name: null,
      status: "active",
      createdAt: never,
      lastActivityAt: never,
      finalizedAt: null,
      labels: {},
      tags: [],
      parentSession: null,
      model: null,
      workingDirectory: null,
      counts: {
        actions: 0,
        responses: 0,
        goals: 0,
        goalsCompleted: 0,
        agents: 0,
        agentsRunning: 0,
      },
      activity: initialActivity(never),
      offset: 0,
    },
    state: {
      sessionId,
      version: 0,
      phase: null,
      currentStep: null,
      workspace: null,
      goals: [],
      agents: [],
    },
    stateOffset: 0,
    seqs: { actions: 0, responses: 0, changes: 0 },
    stateBytes: 0,
  };
}

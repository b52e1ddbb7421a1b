import type { EventType, SessionId, SessionMetadata, State } from "@sessions/contract";

import { initialActivity } from "./activity.ts";
import type { SessionEvent } from "./event.ts";
import {
  type TranscriptFile,
  type Transcripts,
  noTranscripts,
  transcriptFileOf,
} from "./transcripts.ts";

/** The append-only files that each session has. */
export const commonLogs = ["actions", "responses", "changes"] as const;
export type CommonLog = (typeof commonLogs)[number];
/** An append-only file of a session, by its path without the extension. */
export type LogFile = CommonLog | TranscriptFile;

/** The fold of one session's events. Immutable: a new event gives a new one. */
export interface Session {
  /** `metadata.offset` is the last offset folded into it. */
  readonly metadata: SessionMetadata;
  readonly state: State;
  /** The last offset folded into `state`. */
  readonly stateOffset: number;
  /** Lines so far in each file that is no transcript. */
  readonly seqs: Readonly<Record<CommonLog, number>>;
  readonly transcripts: Transcripts;
  /** At least the state's size as JSON; exact when it was last measured. */
  readonly stateBytes: number;
}

export function logFileOf(event: SessionEvent): LogFile {
  return event.type === "transcript_entry" ? transcriptFileOf(event.data) : commonLogOf(event.type);
}

function commonLogOf(type: EventType): CommonLog {
  if (type === "action") return "actions";
  if (type === "response") return "responses";
  return "changes";
}

/** Lines of a file up to and with the session's last event. */
export function seqIn({ seqs, transcripts }: Session, file: LogFile): number {
  if (isCommonLog(file)) return seqs[file];
  return transcripts.files[file]?.seq ?? 0;
}

export function isCommonLog(file: LogFile): file is CommonLog {
  return !file.startsWith("transcripts/");
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
      lease: null,
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
    transcripts: noTranscripts,
    stateBytes: 0,
  };
}

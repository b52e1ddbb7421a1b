import { join } from "node:path";

import type { SessionId } from "@sessions/contract";

import type { LogFile } from "../domain/session.ts";
import type { TranscriptFile } from "../domain/transcripts.ts";

export interface SessionPaths {
  readonly directory: string;
  readonly metadata: string;
  readonly state: string;
  readonly initial: string;
  readonly final: string;
  readonly transcripts: string;
  log(file: LogFile): string;
}

function pathsIn(directory: string): SessionPaths {
  return {
    directory,
    metadata: join(directory, "metadata.json"),
    state: join(directory, "state.json"),
    initial: join(directory, "initial.json"),
    final: join(directory, "final.json"),
    transcripts: join(directory, "transcripts"),
    log: (file) => join(directory, `${file}.jsonl`),
  };
}

/** Where everything lies on the volume; the only place that joins paths. */
export function createLayout(volume: string) {
  const sessions = join(volume, "sessions");
  const trash = join(volume, "trash");

  return {
    volume,
    sessions,
    trash,
    journal: join(volume, "journal"),
    quarantine: join(volume, "quarantine"),
    catalog: join(volume, "catalog.json"),
    format: join(volume, "format.json"),
    lock: join(volume, "LOCK"),
    ballast: join(volume, ".ballast"),
    tokenSecret: join(volume, ".token-secret"),
    session: (sessionId: SessionId) => pathsIn(join(sessions, sessionId)),
    /** Of a session in the trash. */
    deletedSession: (name: string) => pathsIn(join(trash, name)),
    /** Where the lines of a file go when its transcript is deleted; the offset keeps deletions apart. */
    erased: (sessionId: SessionId, file: TranscriptFile, offset: number) =>
      join(
        sessions,
        sessionId,
        "transcripts",
        ".deleted",
        String(offset),
        `${file.slice("transcripts/".length)}.jsonl`,
      ),
    inTrash: (name: string) => join(trash, name),
    /** A deleted session's folder; the position of its deletion keeps two lives of one id apart. */
    trashed: (sessionId: SessionId, position: number) => join(trash, `${sessionId}@${position}`),
  };
}

export type Layout = ReturnType<typeof createLayout>;

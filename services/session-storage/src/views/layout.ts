import { join } from "node:path";

import type { SessionId } from "@sessions/contract";

import { type LogFile, logFiles } from "../domain/session.ts";

export interface SessionPaths {
  readonly directory: string;
  readonly metadata: string;
  readonly state: string;
  readonly initial: string;
  readonly final: string;
  readonly logs: Readonly<Record<LogFile, string>>;
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
    session(sessionId: SessionId): SessionPaths {
      const directory = join(sessions, sessionId);
      const logs = Object.fromEntries(
        logFiles.map((file) => [file, join(directory, `${file}.jsonl`)]),
      ) as Record<LogFile, string>;
      return {
        directory,
        metadata: join(directory, "metadata.json"),
        state: join(directory, "state.json"),
        initial: join(directory, "initial.json"),
        final: join(directory, "final.json"),
        logs,
      };
    },
    inTrash: (name: string) => join(trash, name),
    /** A deleted session's folder; the position of its deletion keeps two lives of one id apart. */
    trashed: (sessionId: SessionId, position: number) => join(trash, `${sessionId}@${position}`),
  };
}

export type Layout = ReturnType<typeof createLayout>;

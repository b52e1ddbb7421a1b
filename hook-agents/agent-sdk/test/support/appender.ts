import type { SessionKey, SessionStoreEntry } from "../../src/api.ts";
import { type Program, startProgram } from "./program.ts";

export interface AppenderOptions {
  readonly key: SessionKey;
  readonly serviceUrl: string;
  readonly spoolDirectory: string;
  readonly count: number;
  readonly writer?: string;
  readonly batch?: number;
  /** Until it is told to end. */
  readonly stays?: boolean;
}

/** A process that appends numbered entries in batches, says `appended`, and leaves the sending to its end. */
export function startAppender(options: AppenderOptions): Program {
  const { key, serviceUrl, spoolDirectory, count, writer = "w", batch = 10, stays } = options;
  return startProgram("appends", {
    PROJECT: key.projectKey,
    SESSION_NAME: key.sessionId,
    SESSION_SERVICE_URL: serviceUrl,
    SESSION_SPOOL_DIR: spoolDirectory,
    COUNT: String(count),
    BATCH: String(batch),
    WRITER: writer,
    ...(stays && { STAYS: "1" }),
  });
}

export function numbersOf(entries: readonly SessionStoreEntry[] | null, writer = "w"): unknown[] {
  return (entries ?? []).filter((entry) => entry["writer"] === writer).map(({ n }) => n);
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

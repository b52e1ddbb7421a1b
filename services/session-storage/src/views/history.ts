import type { SessionId } from "@sessions/contract";

import type { LogFile } from "../domain/session.ts";
import type { TranscriptFile } from "../domain/transcripts.ts";
import { readTextIfExists } from "../files/write.ts";
import type { Catalog } from "./catalog.ts";
import type { DamageReport } from "./damage.ts";
import type { Layout } from "./layout.ts";
import type { StoredLine } from "./log-line.ts";
import type { LogReader, TailOptions } from "./log-reader.ts";
import type { SessionFiles } from "./session-files.ts";

/** What the files say about a session, with everything in them that was acknowledged. */
export interface HistoryView {
  tail(
    sessionId: SessionId,
    file: LogFile,
    options: TailOptions,
  ): AsyncIterable<readonly StoredLine[]>;
  after(sessionId: SessionId, file: LogFile, after: number): AsyncIterable<readonly StoredLine[]>;
  /** A transcript's lines from the one after `after`, by seq. */
  entries(
    sessionId: SessionId,
    file: TranscriptFile,
    after: number,
  ): AsyncIterable<readonly StoredLine[]>;
  /** All logs merged by offset, up to the last offset that is durable at the call. */
  events(sessionId: SessionId, after: number): AsyncIterable<readonly StoredLine[]>;
  /** Offsets whose lines are damaged or lost; looks only where damage was reported. */
  missingOffsets(sessionId: SessionId): Promise<number[]>;
  /** JSON text; undefined when there is none. */
  initial(sessionId: SessionId): Promise<string | undefined>;
  final(sessionId: SessionId): Promise<string | undefined>;
}

export function createHistoryView(dependencies: {
  layout: Layout;
  files: SessionFiles;
  reader: LogReader;
  catalog: Catalog;
  damage: DamageReport;
}): HistoryView {
  const { layout, files, reader, catalog, damage } = dependencies;

  async function* events(sessionId: SessionId, after: number) {
    // Before the flush: only up to here every file is known to be complete.
    const upTo = catalog.get(sessionId)?.metadata.offset ?? 0;
    await files.flush(sessionId);
    yield* reader.history(sessionId, after, upTo);
  }

  return {
    events,
    async *tail(sessionId, file, options) {
      await files.flush(sessionId);
      yield* reader.tail(sessionId, file, options);
    },
    async *after(sessionId, file, after) {
      await files.flush(sessionId);
      yield* reader.after(sessionId, file, after);
    },
    async *entries(sessionId, file, after) {
      await files.flush(sessionId);
      yield* reader.entries(sessionId, file, after);
    },
    async missingOffsets(sessionId) {
      if (!damage.sessions().includes(sessionId)) return [];
      const missing: number[] = [];
      let last = 0;
      for await (const lines of events(sessionId, 0)) {
        for (const { offset } of lines) {
          for (let lost = last + 1; lost < offset; lost += 1) missing.push(lost);
          last = offset;
        }
      }
      return missing;
    },
    async initial(sessionId) {
      await files.flush(sessionId);
      return readTextIfExists(layout.session(sessionId).initial);
    },
    async final(sessionId) {
      await files.flush(sessionId);
      return readTextIfExists(layout.session(sessionId).final);
    },
  };
}

import { type SessionId, limits, sessionMetadataSchema, stateSchema } from "@sessions/contract";
import * as z from "zod";

import { foldOn } from "../domain/fold.ts";
import { type Session, commonLogs, emptySession } from "../domain/session.ts";
import { readTextIfExists } from "../files/write.ts";
import type { DamageReport } from "./damage.ts";
import type { Layout } from "./layout.ts";
import { type StoredLine, toEvent } from "./log-line.ts";
import type { LogReader } from "./log-reader.ts";
import { listTranscriptFiles } from "./transcript-files.ts";
import { transcriptsSchema } from "./transcripts-schema.ts";

const seq = z.int().nonnegative();
const metadataFileSchema = sessionMetadataSchema.extend({
  seqs: z.object({ actions: seq, responses: seq, changes: seq }),
  transcripts: transcriptsSchema,
});
const stateFileSchema = stateSchema.extend({ asOfOffset: z.int().nonnegative() });

export interface SessionLoader {
  /** Snapshots brought up to date by the logs; without usable snapshots the logs alone are enough. */
  load(sessionId: SessionId): Promise<Session>;
  /** The last ids with their offsets, oldest first. */
  loadIds(sessionId: SessionId): Promise<(readonly [id: string, offset: number])[]>;
}

export function createSessionLoader(
  layout: Layout,
  reader: LogReader,
  damage: DamageReport,
): SessionLoader {
  async function snapshotsOf(sessionId: SessionId): Promise<Session> {
    const paths = layout.session(sessionId);
    const empty = emptySession(sessionId);
    const metadataFile = parseFile(metadataFileSchema, await readTextIfExists(paths.metadata));
    const stateText = await readTextIfExists(paths.state);
    const stateFile = parseFile(stateFileSchema, stateText);
    const { seqs, transcripts, ...metadata } = metadataFile ?? {
      ...empty.metadata,
      seqs: empty.seqs,
      transcripts: empty.transcripts,
    };
    const { asOfOffset, ...state } = stateFile ?? { ...empty.state, asOfOffset: 0 };
    return {
      metadata,
      state,
      stateOffset: asOfOffset,
      seqs,
      transcripts,
      stateBytes: stateText?.length ?? 0,
    };
  }

  return {
    async load(sessionId) {
      let session = await snapshotsOf(sessionId);
      const from = Math.min(session.metadata.offset, session.stateOffset);
      let last = from;
      for await (const lines of reader.history(sessionId, from, Number.POSITIVE_INFINITY)) {
        for (const line of lines) {
          if (line.offset > last + 1) damage.reportMissing(sessionId, last + 1, line.offset - 1);
          last = line.offset;
          session = foldOn(session, toEvent(sessionId, line));
        }
      }
      return session;
    },
    async loadIds(sessionId) {
      const found: (readonly [string, number])[] = [];
      for (const file of [...commonLogs, ...(await listTranscriptFiles(layout, sessionId))]) {
        const accepts = (line: StoredLine) => line.id !== undefined;
        const tail = reader.tail(sessionId, file, { count: limits.duplicateWindow, accepts });
        for await (const lines of tail)
          for (const { id, offset } of lines) if (id !== undefined) found.push([id, offset]);
      }
      return found.sort(([, a], [, b]) => a - b).slice(-limits.duplicateWindow);
    },
  };
}

/** A snapshot that can't be read is not an error: it is only a shortcut. */
function parseFile<Schema extends z.ZodType>(
  schema: Schema,
  text: string | undefined,
): z.output<Schema> | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

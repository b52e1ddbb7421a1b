import type { SessionId } from "@sessions/contract";

import { type LogFile, commonLogs } from "../domain/session.ts";
import type { TranscriptFile } from "../domain/transcripts.ts";
import { type FileLine, readLines, readLinesBackward } from "../files/read-lines.ts";
import { fileSize } from "../files/read.ts";
import type { DamageReport } from "./damage.ts";
import type { Layout } from "./layout.ts";
import { type StoredLine, parseLine, seqOfLine } from "./log-line.ts";
import { type Start, startAfter } from "./start-after.ts";
import { listTranscriptFiles } from "./transcript-files.ts";

export interface TailOptions {
  count: number;
  /** Only lines with a greater offset. */
  after?: number | undefined;
  accepts?: (line: StoredLine) => boolean;
}

export interface LogReader {
  /** The last `count` lines that are accepted, oldest first, in batches as they are read. */
  tail(
    sessionId: SessionId,
    file: LogFile,
    options: TailOptions,
  ): AsyncIterable<readonly StoredLine[]>;
  /** Lines with an offset greater than `after`, oldest first, in batches as they are read. */
  after(sessionId: SessionId, file: LogFile, after: number): AsyncIterable<readonly StoredLine[]>;
  /** A transcript's lines with a seq greater than `after`, oldest first. */
  entries(
    sessionId: SessionId,
    file: TranscriptFile,
    after: number,
  ): AsyncIterable<readonly StoredLine[]>;
  /** Position of the session's creation; 0 when its first line is lost. */
  createdAt(sessionId: SessionId): Promise<number>;
  /** All files merged by offset, from `after` (exclusive) to `upTo` (inclusive), in batches. */
  history(sessionId: SessionId, after: number, upTo: number): AsyncIterable<StoredLine[]>;
}

/** Reads a session's files as streams; none is held open or in memory whole. Damaged lines are reported and left out. */
export function createLogReader(layout: Layout, damage: DamageReport): LogReader {
  function parseAll(sessionId: SessionId, file: LogFile, lines: readonly FileLine[]): StoredLine[] {
    const parsed: StoredLine[] = [];
    for (const { at, bytes, terminated } of lines) {
      // The end of a line that is being written.
      if (!terminated) continue;
      const line = parseLine(bytes, file);
      if (line === undefined) damage.report({ sessionId, file, at, bytes });
      else parsed.push(line);
    }
    return parsed;
  }

  async function* after(sessionId: SessionId, file: LogFile, offset: number) {
    const path = layout.session(sessionId).log(file);
    yield* from(sessionId, file, await startAfter(path, offset), (line) => line.offset > offset);
  }

  async function* from(
    sessionId: SessionId,
    file: LogFile,
    { at, size }: Start,
    accepts: (line: StoredLine) => boolean,
  ) {
    if (at === size) return;
    for await (const lines of readLines(layout.session(sessionId).log(file), { from: at })) {
      const parsed = parseAll(sessionId, file, lines).filter(accepts);
      if (parsed.length > 0) yield parsed;
    }
  }

  return {
    after,
    async *entries(sessionId, file, seq) {
      const start = await startAfter(layout.session(sessionId).log(file), seq, seqOfLine);
      yield* from(sessionId, file, start, (line) => line.seq > seq);
    },
    async *tail(sessionId, file, { count, after: offset = 0, accepts = () => true }) {
      const path = layout.session(sessionId).log(file);
      let left = count;
      for await (const lines of readLines(path, { from: await startOfTail() })) {
        const found = parseAll(sessionId, file, lines).filter(isWanted).slice(0, left);
        left -= found.length;
        if (found.length > 0) yield found;
        if (left === 0) return;
      }

      function isWanted(line: StoredLine): boolean {
        return line.offset > offset && accepts(line);
      }

      /** Two passes, so that only a block is in memory: first backwards for the place, then the lines. */
      async function startOfTail(): Promise<number> {
        if (count === 0) return fileSize(path);
        let missing = count;
        for await (const lines of readLinesBackward(path))
          for (const { at, bytes, terminated } of lines) {
            const line = terminated ? parseLine(bytes, file) : undefined;
            if (line === undefined) continue;
            if (line.offset <= offset) return at;
            if (isWanted(line)) missing -= 1;
            if (missing === 0) return at;
          }
        return 0;
      }
    },
    async createdAt(sessionId) {
      for await (const [first] of after(sessionId, "changes", 0)) return first?.position ?? 0;
      return 0;
    },
    async *history(sessionId, from, upTo) {
      const files = [...commonLogs, ...(await listTranscriptFiles(layout, sessionId))];
      const sources = files.map((file) => after(sessionId, file, from));
      yield* mergeByOffset(sources, upTo);
    },
  };
}

async function* mergeByOffset(
  sources: readonly AsyncIterable<readonly StoredLine[]>[],
  upTo: number,
): AsyncGenerator<StoredLine[], void, undefined> {
  const open = new Set<{ batches: AsyncIterator<readonly StoredLine[]>; lines: StoredLine[] }>();
  try {
    for (const source of sources) open.add({ batches: source[Symbol.asyncIterator](), lines: [] });
    while (open.size > 0) {
      for (const source of open) {
        if (source.lines.length > 0) continue;
        const { done, value } = await source.batches.next();
        if (done === true) open.delete(source);
        else source.lines.push(...value);
      }
      // Up to the end of the shortest batch nothing that is still unread can come in between.
      const safe = Math.min(
        upTo,
        ...[...open].map(({ lines }) => lines.at(-1)?.offset ?? Number.POSITIVE_INFINITY),
      );
      const merged: StoredLine[] = [];
      for (const source of open) {
        const count = countUpTo(source.lines, safe);
        merged.push(...source.lines.splice(0, count));
        if ((source.lines[0]?.offset ?? 0) > upTo) {
          open.delete(source);
          await source.batches.return?.();
        }
      }
      if (merged.length > 0) yield merged.sort((a, b) => a.offset - b.offset);
    }
  } finally {
    for (const { batches } of open) await batches.return?.();
  }
}

function countUpTo(lines: readonly StoredLine[], offset: number): number {
  const index = lines.findIndex((line) => line.offset > offset);
  return index === -1 ? lines.length : index;
}

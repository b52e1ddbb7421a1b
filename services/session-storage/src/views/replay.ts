import { dirname } from "node:path";

import type { SessionId } from "@sessions/contract";
import type { Logger } from "pino";

import { type LogFile, commonLogs, isCommonLog, logFileOf } from "../domain/session.ts";
import { isDeletedWith } from "../domain/transcripts.ts";
import { readLines, readLinesBackward } from "../files/read-lines.ts";
import { appendBytes, makeDirectory } from "../files/write.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { inParallel } from "./in-parallel.ts";
import type { Layout } from "./layout.ts";
import { formatLine, parseLine } from "./log-line.ts";
import { cutTail } from "./repair-tail.ts";
import { sideFilesOf, writeSideFile } from "./snapshots.ts";
import { startAfter } from "./start-after.ts";
import { type Erasure, eraseTranscripts, listTranscriptFiles } from "./transcript-files.ts";
import { moveFromTrash, moveToTrash } from "./trash.ts";

export interface ReplayDependencies {
  layout: Layout;
  log: Pick<Logger, "warn">;
  /** The session's last offset that the checkpoint saw in fsynced files; 0 when it saw none. */
  soundOffset(sessionId: SessionId, created: number): number;
  /** The journal still has all that the checkpoint did not see. */
  coversAll: boolean;
  /** The journal's first position. */
  earliest: number;
}

interface FileEnd {
  offset: number;
  seq: number;
  lines: Buffer[];
}

interface Target {
  /** Position of the session's creation; an earlier entry belongs to an earlier session of that id. */
  created: number;
  /** Where the checkpoint left the session. */
  sound: number;
  ends: Map<LogFile, FileEnd>;
}

/** Of a session's first event and its last. */
export interface SessionPositions {
  created: number;
  active: number;
}

const flushBytes = 8_388_608;

/** Adds to the sessions' files what the journal has and they lack. */
export function createReplay({ layout, log, ...replay }: ReplayDependencies) {
  const targets = new Map<SessionId, Target>();
  const touched = new Map<SessionId, SessionPositions>();
  let bufferedBytes = 0;

  async function open({ position, event }: JournalEntry): Promise<Target | undefined> {
    const { sessionId } = event;
    const created = await firstPosition(sessionId);
    // The rest of a session whose folder is in the trash already.
    if (created === undefined && event.type !== "session_created") return undefined;
    const sound = created === undefined ? 0 : replay.soundOffset(sessionId, created);
    const files = [...commonLogs, ...(await listTranscriptFiles(layout, sessionId))];
    const ends = await Promise.all(
      files.map(async (file) => [file, await readEnd(sessionId, file, sound)] as const),
    );
    const target: Target = { created: created ?? position, sound, ends: new Map(ends) };
    await makeDirectory(layout.session(sessionId).directory, { sync: false });
    targets.set(sessionId, target);
    return target;
  }

  async function firstPosition(sessionId: SessionId): Promise<number | undefined> {
    const path = layout.session(sessionId).log("changes");
    for await (const [line] of readLines(path, { chunkBytes: 4_096 }))
      return line?.terminated === true ? parseLine(line.bytes, "changes")?.position : undefined;
    return undefined;
  }

  /**
   * Up to the checkpoint a file was fsynced. What came later may have holes after a power cut: from
   * the first bad line on it is cut, since the journal has all of that.
   */
  async function readEnd(sessionId: SessionId, file: LogFile, sound: number): Promise<FileEnd> {
    const path = layout.session(sessionId).log(file);
    const { at: from, size, before } = await startAfter(path, sound);
    const last = before === undefined ? undefined : parseLine(before, file);
    const seq = last?.seq ?? (await seqBefore(path, file, from));
    const end: FileEnd = { offset: sound, seq, lines: [] };
    if (from === size) return end;
    let position = 0;
    for await (const lines of readLines(path, { from })) {
      for (const { at, bytes, terminated } of lines) {
        const line = terminated ? parseLine(bytes, file) : undefined;
        if (line !== undefined) {
          ({ offset: end.offset, seq: end.seq, position } = line);
        } else if (!terminated || replay.coversAll || position >= replay.earliest - 1) {
          await cutTail({ layout, log }, sessionId, path, at, bytes);
          return end;
        }
      }
    }
    return end;
  }

  async function seqBefore(path: string, file: LogFile, before: number): Promise<number> {
    if (before === 0) return 0;
    for await (const lines of readLinesBackward(path, { before, chunkBytes: 4_096 }))
      for (const { bytes } of lines) {
        const line = parseLine(bytes, file);
        if (line !== undefined) return line.seq;
      }
    return 0;
  }

  async function write(sessionId: SessionId, { ends }: Target): Promise<void> {
    for (const [file, end] of ends) {
      if (end.lines.length === 0) continue;
      const path = layout.session(sessionId).log(file);
      await makeDirectory(dirname(path), { sync: false });
      await appendBytes(path, Buffer.concat(end.lines));
      end.lines = [];
    }
  }

  /** What follows in the journal belongs to a new transcript; the file may have some of that already. */
  async function erase(sessionId: SessionId, target: Target, erasure: Erasure): Promise<void> {
    await write(sessionId, target);
    await eraseTranscripts(layout, sessionId, erasure);
    for (const file of target.ends.keys()) {
      if (isCommonLog(file) || !isDeletedWith(file, erasure.data)) continue;
      target.ends.set(file, await readEnd(sessionId, file, target.sound));
    }
  }

  async function bury(sessionId: SessionId, target: Target, position: number): Promise<void> {
    await write(sessionId, target);
    await moveToTrash(layout, sessionId, position);
    targets.delete(sessionId);
  }

  async function writeAll(): Promise<void> {
    for (const [sessionId, target] of targets) await write(sessionId, target);
    bufferedBytes = 0;
  }

  return {
    /** Looks at the files of the sessions that entries to come are about, several at a time. */
    async prepare(entries: readonly JournalEntry[]): Promise<void> {
      const first = new Map<SessionId, JournalEntry>();
      for (const entry of entries) {
        const { sessionId } = entry.event;
        if (!targets.has(sessionId) && !first.has(sessionId)) first.set(sessionId, entry);
      }
      await inParallel(first.values(), async (entry) => void (await open(entry)));
    },
    /** Entries in the journal's order. */
    async apply(entry: JournalEntry): Promise<void> {
      const { position, event } = entry;
      const { sessionId } = event;
      if (event.type === "session_restored")
        await moveFromTrash(layout, sessionId, event.data.deletedAt);
      const target = targets.get(sessionId) ?? (await open(entry));
      if (target === undefined || position < target.created) return;
      touched.set(sessionId, { created: target.created, active: position });
      const { initial, final } = sideFilesOf(event);
      if (initial !== undefined) await writeSideFile(layout.session(sessionId).initial, initial);
      if (final !== undefined) await writeSideFile(layout.session(sessionId).final, final);
      if (event.type === "transcript_deleted") await erase(sessionId, target, event);
      const file = logFileOf(event);
      const end = target.ends.get(file) ?? { offset: target.sound, seq: 0, lines: [] };
      target.ends.set(file, end);
      if (event.offset > end.offset) {
        end.offset = event.offset;
        end.seq = event.type === "transcript_entry" ? event.data.seq : end.seq + 1;
        const line = formatLine(entry, file, end.seq);
        end.lines.push(line);
        bufferedBytes += line.length;
      }
      if (event.type === "session_deleted") await bury(sessionId, target, position);
      if (bufferedBytes > flushBytes) await writeAll();
    },
    /** @returns the sessions that the journal had anything about */
    async finish(): Promise<Map<SessionId, SessionPositions>> {
      await writeAll();
      return touched;
    },
  };
}

import { dirname } from "node:path";

import type { SessionId } from "@sessions/contract";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";

import { foldOn } from "../domain/fold.ts";
import { type LogFile, type Session, commonLogs, logFileOf, seqIn } from "../domain/session.ts";
import type { Projection } from "../domain/sessions.ts";
import { whenMissing } from "../files/errno.ts";
import { appendBytes, fileSize, makeDirectory, syncDirectory, syncFile } from "../files/write.ts";
import { createBacklog } from "./backlog.ts";
import { inParallel } from "./in-parallel.ts";
import { createKeyedQueue } from "./keyed-queue.ts";
import type { Layout } from "./layout.ts";
import { formatLine } from "./log-line.ts";
import { repairTail } from "./repair-tail.ts";
import { sideFilesOf, writeSideFile, writeSnapshots } from "./snapshots.ts";
import { type Erasure, eraseTranscripts, listTranscriptFiles } from "./transcript-files.ts";
import { moveFromTrash, moveToTrash } from "./trash.ts";

/** How long an applied event may wait for its file, ms; longer when many sessions are busy, since each costs an open and a close. */
const flushDelayMs = 50;
const flushDelayPerSessionMs = 4;
const maxFlushDelayMs = 500;
/** How long a snapshot may be behind its log, ms: it is rewritten whole. Longer when many sessions are busy. */
const snapshotDelayMs = 1_000;
const snapshotDelayPerSessionMs = 10;
const retryDelayMs = 1_000;
/** Bytes that may wait for their files. */
const maxPendingBytes = 67_108_864;

export interface SessionFiles extends Projection {
  /** Everything applied to a session is in its files, though not fsynced. */
  flush(sessionId: SessionId): Promise<void>;
  /** For a session whose files somebody else wrote: its snapshots follow, and the next checkpoint fsyncs it all. */
  adopt(session: Session): void;
  /** Everything applied is in the files and fsynced, snapshots too. */
  checkpoint(): Promise<void>;
  /** Undefined while no more bytes wait for their files than may; else resolves whether that has come. */
  room(): Promise<boolean> | undefined;
  close(): Promise<void>;
}

interface Pending {
  lines: Map<LogFile, Buffer[]>;
  erasures: Erasure[];
  /** Position of the deletion whose folder comes back before anything is written. */
  restoredFrom: number | undefined;
  /** The newest state of the session; undefined when the snapshots are written. */
  snapshot: Session | undefined;
  /** Lifecycle changes are shown at once. */
  isUrgent: boolean;
  /** JSON text to write, null to remove. */
  initial: string | null | undefined;
  final: string | null | undefined;
  /** When the first event came that the snapshot lacks, ms. */
  dirtySince: number;
}

/**
 * The plain files of every session, written behind the journal. Anything lost here in a crash is
 * brought back from the journal at the next start, up to the last checkpoint it need not be.
 */
export function createSessionFiles({
  layout,
  log,
}: {
  layout: Layout;
  log: Pick<Logger, "warn" | "info">;
}): SessionFiles {
  const pending = new Map<SessionId, Pending>();
  const unsynced = new Map<SessionId, Set<string>>();
  const sizes = new LRUCache<string, number>({ max: 30_000 });
  const inOrder = createKeyedQueue<SessionId>();
  const backlog = createBacklog(maxPendingBytes);
  let timer: NodeJS.Timeout | undefined;
  let isFailing = false;
  let isClosed = false;

  function pendingOf(sessionId: SessionId): Pending {
    const known = pending.get(sessionId);
    if (known !== undefined) return known;
    const fresh: Pending = {
      lines: new Map(),
      erasures: [],
      restoredFrom: undefined,
      snapshot: undefined,
      isUrgent: false,
      initial: undefined,
      final: undefined,
      dirtySince: Date.now(),
    };
    pending.set(sessionId, fresh);
    return fresh;
  }

  /** Called in the session's queue; what can't be written stays pending. */
  async function write(sessionId: SessionId, work: Pending, withSnapshot: boolean): Promise<void> {
    const paths = layout.session(sessionId);
    if (work.restoredFrom !== undefined) {
      await moveFromTrash(layout, sessionId, work.restoredFrom);
      work.restoredFrom = undefined;
    }
    const touched = unsynced.get(sessionId) ?? new Set();
    unsynced.set(sessionId, touched);
    for (const [file, waiting] of work.lines) {
      const lines = waiting.slice();
      const path = paths.log(file);
      const size = await sizeBeforeAppend(sessionId, path);
      const bytes = Buffer.concat(lines);
      touched.add(path);
      await appendBytes(path, bytes);
      sizes.set(path, size + bytes.length);
      waiting.splice(0, lines.length);
      if (waiting.length === 0) work.lines.delete(file);
      backlog.add(-bytes.length);
    }
    for (const erasure of work.erasures.slice()) {
      await eraseTranscripts(layout, sessionId, erasure);
      work.erasures.splice(0, 1);
    }
    const { initial, final } = work;
    if (initial !== undefined) await writeSideFile(paths.initial, initial);
    if (final !== undefined) await writeSideFile(paths.final, final);
    if (work.initial === initial) work.initial = undefined;
    if (work.final === final) work.final = undefined;
    touched.add(paths.initial).add(paths.final);
    const { snapshot } = work;
    if (snapshot === undefined || !withSnapshot) return;
    touched.add(paths.state).add(paths.metadata);
    await writeSnapshots(paths, snapshot);
    if (work.snapshot === snapshot) work.snapshot = undefined;
    work.isUrgent = false;
    work.dirtySince = Date.now();
  }

  /** A file that is not as we left it may end in a torn line: the next one must not be glued to it. */
  async function sizeBeforeAppend(sessionId: SessionId, path: string) {
    const size = await fileSize(path);
    if (size === 0) await makeDirectory(dirname(path), { sync: false });
    else if (size !== sizes.get(path)) return repairTail({ layout, log }, sessionId, path);
    return size;
  }

  function isWritten({ lines, erasures, snapshot, initial, final }: Pending): boolean {
    return (
      snapshot === undefined &&
      initial === undefined &&
      final === undefined &&
      lines.size === 0 &&
      erasures.length === 0
    );
  }

  function flush(sessionId: SessionId, withSnapshot: boolean): Promise<void> {
    return inOrder(sessionId, async () => {
      const work = pending.get(sessionId);
      if (work === undefined) return;
      await write(sessionId, work, withSnapshot);
      if (isWritten(work) && pending.get(sessionId) === work) pending.delete(sessionId);
    });
  }

  function arm(delayMs: number): void {
    if (!isClosed) timer ??= setTimeout(() => void flushDue(), delayMs).unref();
  }

  async function flushDue(): Promise<void> {
    const delayMs = Math.max(snapshotDelayMs, pending.size * snapshotDelayPerSessionMs);
    const due = [...pending].map(
      ([sessionId, { isUrgent, dirtySince }]) =>
        [sessionId, isUrgent || Date.now() - dirtySince >= delayMs] as const,
    );
    try {
      await inParallel(due, ([sessionId, withSnapshot]) => flush(sessionId, withSnapshot));
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, "session files can't be written; trying again");
      isFailing = true;
    }
    timer = undefined;
    const busyMs = Math.min(pending.size * flushDelayPerSessionMs, maxFlushDelayMs);
    if (pending.size > 0) arm(isFailing ? retryDelayMs : Math.max(flushDelayMs, busyMs));
  }

  async function sync(sessionId: SessionId): Promise<void> {
    const touched = unsynced.get(sessionId);
    if (touched === undefined) return;
    unsynced.delete(sessionId);
    try {
      const folders = new Set([layout.session(sessionId).directory]);
      for (const path of touched) {
        await syncFile(path).catch(whenMissing(undefined));
        for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder))
          folders.add(folder);
      }
      for (const folder of folders) await syncDirectory(folder).catch(whenMissing(undefined));
    } catch (error) {
      unsynced.set(sessionId, touched);
      throw error;
    }
  }

  function remove(sessionId: SessionId, position: number): void {
    const work = pendingOf(sessionId);
    pending.delete(sessionId);
    void inOrder(sessionId, async () => {
      // Even when its last lines can't be written: a new session of that id must not find the folder.
      await write(sessionId, work, true).catch((err: unknown) =>
        log.warn({ err, sessionId }, "the last lines of a deleted session are not in the trash"),
      );
      await sync(sessionId);
      const files = [...commonLogs, ...(await listTranscriptFiles(layout, sessionId))];
      for (const file of files) sizes.delete(layout.session(sessionId).log(file));
      await moveToTrash(layout, sessionId, position);
    }).catch((error: unknown) => {
      // The tombstone is in the journal: the next start moves the folder.
      log.warn({ err: error, sessionId }, "a deleted session could not be moved to the trash");
    });
  }

  return {
    apply(entry, session, before) {
      const { event, position } = entry;
      const { sessionId } = event;
      const work = pendingOf(sessionId);
      const file = logFileOf(event);
      const line = formatLine(entry, file, seqIn(session ?? foldOn(before, event), file));
      const waiting = work.lines.get(file) ?? [];
      work.lines.set(file, waiting);
      waiting.push(line);
      backlog.add(line.length);
      if (session === undefined) {
        remove(sessionId, position);
        return;
      }
      if (event.type === "session_restored") work.restoredFrom = event.data.deletedAt;
      if (event.type === "transcript_deleted") work.erasures.push(event);
      work.snapshot = session;
      const { initial, final } = sideFilesOf(event);
      if (initial !== undefined) work.initial = initial;
      if (final !== undefined) work.final = final;
      if (initial !== undefined || final !== undefined) work.isUrgent = true;
      arm(flushDelayMs);
    },
    flush: (sessionId) => flush(sessionId, false),
    adopt(session) {
      const { sessionId } = session.metadata;
      pendingOf(sessionId).snapshot = session;
      arm(flushDelayMs);
      const { metadata, state, initial, final, log } = layout.session(sessionId);
      const files = [...commonLogs, ...Object.keys(session.transcripts.files)] as LogFile[];
      unsynced.set(sessionId, new Set([metadata, state, initial, final, ...files.map(log)]));
    },
    async checkpoint() {
      await inParallel([...pending.keys()], (sessionId) => flush(sessionId, true));
      await inParallel([...unsynced.keys()], (sessionId) =>
        inOrder(sessionId, () => sync(sessionId)),
      );
      await syncDirectory(layout.sessions);
    },
    room: backlog.room,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await inParallel([...pending.keys()], (sessionId) => flush(sessionId, true));
    },
  };
}

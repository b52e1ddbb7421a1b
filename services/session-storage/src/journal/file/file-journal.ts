import { performance } from "node:perf_hooks";

import type { Logger } from "pino";

import { createBallast } from "../../files/ballast.ts";
import { isDiskFull } from "../../files/errno.ts";
import { makeDirectory, syncDirectory } from "../../files/write.ts";
import type { Journal, Position } from "../journal.ts";
import { createSubscribers } from "../subscribers.ts";
import { createCondition } from "./condition.ts";
import { createGroupCommit } from "./group-commit.ts";
import { createLostRanges } from "./lost-ranges.ts";
import { createEntryReader } from "./read-entries.ts";
import { recoverSegments } from "./recovery.ts";
import { openSegmentWriter } from "./segment-writer.ts";
import { listSegments, trimSegments } from "./segments.ts";

export interface FileJournalOptions {
  /** Folders; made when they are missing. */
  readonly directory: string;
  readonly quarantine: string;
  /** `os`: appends resolve after the write; an fsync follows when the journal is idle and at a segment's end. */
  readonly durability: "fsync" | "os";
  /** A batch that would make a segment larger begins the next one. */
  readonly segmentBytes?: number;
  /** `trim` keeps at least so many bytes of the newest entries. */
  readonly retainBytes: number;
  /**
   * Everything up to here is on disk elsewhere: segments with nothing newer are not checked at the start (1 s per 0.4 GiB)
   * but when they are read. Positions go on after it also where the journal ends earlier. 0 when left out.
   */
  readonly scanFrom?: Position;
  readonly ballastPath: string;
  readonly ballastBytes?: number;
  readonly idleWatermarkMs?: number;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/**
 * Opens the journal of a volume, after repairing what a crash or a bad disk left. The caller holds the volume's lock.
 * Starts with condition "full" when the volume has no room for the ballast.
 */
export async function openFileJournal({
  directory,
  quarantine,
  durability,
  segmentBytes = 67_108_864,
  retainBytes,
  scanFrom = 0,
  ballastPath,
  ballastBytes = 16_777_216,
  idleWatermarkMs = 50,
  log,
  now = () => performance.now(),
}: FileJournalOptions): Promise<Journal> {
  await makeDirectory(directory);
  await makeDirectory(quarantine);
  const segments = await listSegments(directory);
  const ballast = createBallast(ballastPath, ballastBytes);
  const recover = () => recoverSegments(segments, { quarantine, scanFrom, log });
  const recovered = await recover().catch(async (error: unknown) => {
    if (!isDiskFull(error)) throw error;
    log.warn({ ballastBytes }, "the repair of the journal takes the ballast's room");
    await ballast.release();
    return recover();
  });
  // A segment whose folder entry was not synced before a crash is durable from here on.
  await syncDirectory(directory);

  const lost = createLostRanges();
  for (const range of recovered.lost) reportLost(range);
  if (scanFrom > recovered.last) reportLost({ from: recovered.last + 1, to: scanFrom });
  const hasRoom = await ballast.make();
  if (!hasRoom) log.warn({ ballastBytes }, "the volume has no room for the ballast");

  const subscribers = createSubscribers();
  const condition = createCondition({ ballast, subscriber: subscribers, isFull: !hasRoom, log });
  const writer = await openSegmentWriter(directory, segments, segmentBytes);
  const commits = createGroupCommit({
    writer,
    condition,
    subscriber: subscribers,
    durability,
    position: Math.max(recovered.last, scanFrom),
    watermark: recovered.watermark,
    idleWatermarkMs,
    now,
  });
  const entries = createEntryReader(segments, reportLost);
  let trimming = Promise.resolve();

  function reportLost(range: { from: Position; to: Position }) {
    if (lost.add(range)) log.error(range, "journal entries are lost to damage");
  }

  return {
    append: commits.append,
    read: (after) => entries.read(after, commits.position()),
    subscribe: subscribers.subscribe,
    trim(upTo) {
      const trimmed = trimming.then(() =>
        trimSegments(segments, { upTo, keptBytes: retainBytes, readFrom: entries.needed() }),
      );
      trimming = trimmed.catch(() => undefined);
      return trimmed;
    },
    status() {
      const position = commits.position();
      return {
        condition: condition.current(),
        position,
        earliest: Math.min(segments[0]?.first ?? position + 1, position + 1),
        bytes: segments.reduce((sum, segment) => sum + segment.byteCount, 0),
        lost: lost.list(),
      };
    },
    async close() {
      await commits.close();
      await trimming;
    },
  };
}

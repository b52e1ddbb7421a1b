import type { Receipt } from "./api.ts";
import type { CommandLine } from "./command.ts";
import {
  acknowledgeBatch,
  type Batch,
  createEntry,
  type Entry,
  isSent,
  placeOf,
  readBatch,
  remaining,
  rewriteEntry,
  unsentBytes,
  unsentLines,
} from "./entry.ts";
import type { Place } from "./fate.ts";
import { bulkyBytes } from "./relief.ts";
import { findRelief } from "./room.ts";
import { createMemorySegment } from "./segment.ts";
import type { Spool } from "./spool.ts";

export interface QueueOptions {
  readonly spoolBytes: number;
  readonly memoryBytes: number;
  /** A folder that no one else knows yet. */
  newSpool(): Spool;
  /** The spool can't be written (an error), or can again (null). */
  onSpoolCondition(error: unknown): void;
  /** Queued records gave way to newer ones. */
  onRelief(shortened: number, dropped: number): void;
}

/** Every record that the service doesn't have yet, oldest first: on disk, and in memory where the disk refuses. */
export interface Queue {
  /** @returns where the record's fate is told, undefined when there is no room */
  append(line: CommandLine): Place | undefined;
  /** Puts what an earlier process left behind what is there. @returns how many records that is */
  adopt(spool: Spool): number;
  /** The next batch, undefined when all is sent. */
  peek(maxBytes: number, maxRecords: number): Batch | undefined;
  acknowledge(batch: Batch, receipt: Receipt): void;
  /** Takes the batch's record out. @returns its line */
  refuse(batch: Batch, index: number, receipt: Receipt): string;
  /** The batch is not on its way any more. */
  letGo(): void;
  /** Resolves once everything appended before the call is decided. */
  drained(): Promise<void>;
  /** Says that the process is there, and tries the disk again. */
  tick(): void;
  size(): { records: number; bytes: number; memoryBytes: number };
  close(): void;
}

export function createQueue(options: QueueOptions): Queue {
  const { spoolBytes, memoryBytes } = options;
  const segmentBytes = Math.max(4_096, Math.floor(spoolBytes / 16));
  const memorySegmentBytes = Math.max(4_096, Math.floor(memoryBytes / 8));
  let entries: Entry[] = [];
  let spool = options.newSpool();
  const adopted = new Set<Spool>();
  /** Where appends go: the last of the entries, or none yet. */
  let tail: Entry | undefined;
  let inFlight: Entry | undefined;
  let diskRefuses = false;

  const sum = (size: (entry: Entry) => number, of: Entry[] = entries) =>
    of.reduce((total, entry) => total + size(entry), 0);
  const inMemory = () => entries.filter((entry) => entry.spool === null);

  const replace = (old: Entry, by: Entry | undefined) => {
    entries = entries.flatMap((entry) => (entry === old ? (by ?? []) : entry));
    if (tail === old) tail = undefined;
    old.segment.remove();
  };

  /** Shortens, then drops, what is oldest until the scope has room. @returns false when nothing is left to give */
  const makeRoom = (
    bytes: number,
    maxBytes: number,
    scope: () => Entry[],
    unitBytes: number,
  ): boolean => {
    while (sum(unsentBytes, scope()) + bytes > maxBytes) {
      const found = findRelief(scope(), inFlight, unitBytes);
      if (!found) return false;
      const { victim, absorbed, relief, stripped } = found;
      replace(victim, rewriteEntry(victim, relief.lines, victim.spool, { stripped }));
      for (const { place } of relief.dropped)
        place.fate.settle(place.line, { outcome: "dropped", reason: "spool_full" });
      if (absorbed) replace(absorbed, undefined);
      options.onRelief(relief.shortened, relief.dropped.length);
    }
    return true;
  };

  const appendTo = (owner: Spool | null, line: CommandLine, maxBytes: number): Place => {
    if (tail === undefined || tail.spool !== owner || tail.segment.bytes + line.bytes > maxBytes) {
      tail = createEntry(owner ? owner.openSegment() : createMemorySegment(), owner);
      entries.push(tail);
    }
    const number = tail.segment.lines;
    tail.segment.append(line.text);
    if (line.bytes > bulkyBytes) tail.bulky = true;
    return placeOf(tail, number);
  };

  const appendToMemory = (line: CommandLine): Place | undefined =>
    makeRoom(line.bytes, memoryBytes, inMemory, memorySegmentBytes)
      ? appendTo(null, line, memorySegmentBytes)
      : undefined;

  const refuseDisk = (error: unknown) => {
    tail = undefined;
    diskRefuses = true;
    options.onSpoolCondition(error);
  };

  /** Moves what is only in memory to the disk, once that takes it again. */
  const spill = () => {
    if (!diskRefuses) return;
    for (const entry of inMemory()) replace(entry, rewriteEntry(entry, remaining(entry), spool));
    diskRefuses = false;
    options.onSpoolCondition(null);
  };

  /** Somebody took or deleted the folder: what is unsent is still readable and goes into a new one. */
  const renewSpool = () => {
    const lost = spool;
    spool = options.newSpool();
    for (const entry of entries.filter((each) => each.spool === lost))
      replace(entry, isSent(entry) ? undefined : rewriteEntry(entry, remaining(entry), spool));
  };

  const removeSent = () => {
    for (const entry of entries.filter(isSent))
      if (entry !== tail || entry.segment.bytes > segmentBytes / 16) replace(entry, undefined);
    for (const left of adopted) {
      if (entries.some((entry) => entry.spool === left)) continue;
      adopted.delete(left);
      left.remove();
    }
  };

  const onDisk = (task: () => void) => {
    try {
      task();
    } catch (error) {
      refuseDisk(error);
    }
  };

  const acknowledge = (batch: Batch, receipt: Receipt) => {
    inFlight = undefined;
    acknowledgeBatch(batch, receipt);
    const { segment, sentBytes, spool: owner } = batch.entry;
    // Without the cursor these records are sent again after a crash, and recognised by their ids.
    if (entries.includes(batch.entry)) onDisk(() => owner?.writeCursor(segment, sentBytes));
    onDisk(removeSent);
  };

  return {
    acknowledge,
    append(line) {
      let place: Place | undefined;
      if (!diskRefuses)
        onDisk(() => {
          if (makeRoom(line.bytes, spoolBytes, () => entries, segmentBytes))
            place = appendTo(spool, line, segmentBytes);
        });
      return diskRefuses ? (place ?? appendToMemory(line)) : place;
    },
    adopt(left) {
      adopted.add(left);
      const found = left
        .leftSegments()
        .map(({ segment, sentBytes }) => createEntry(segment, left, { sentBytes, bulky: true }));
      entries.push(...found);
      // What comes from now on is younger than what was adopted.
      tail = undefined;
      onDisk(removeSent);
      return sum(unsentLines, found);
    },
    peek(maxBytes, maxRecords) {
      for (;;) {
        const entry = entries.find((candidate) => !isSent(candidate));
        if (!entry) return undefined;
        const batch = readBatch(entry, maxBytes, maxRecords);
        inFlight = entry;
        if (batch.records > 0) return batch;
        acknowledge(batch, { outcome: "stored" });
      }
    },
    refuse({ entry, body, lineNumbers }, index, receipt) {
      const line = lineNumbers[index];
      if (line === undefined) throw new RangeError(`the batch has no record ${index}`);
      entry.refused.set(line, receipt);
      return body.toString().split("\n")[index] ?? "";
    },
    letGo() {
      inFlight = undefined;
    },
    async drained() {
      const last = entries.findLast((entry) => !isSent(entry));
      if (last === undefined) return;
      const place = placeOf(last, last.segment.lines - 1);
      await place.fate.receiptOf(place.line);
    },
    tick() {
      onDisk(spill);
      if (!spool.touch()) onDisk(renewSpool);
      for (const left of adopted) left.touch();
    },
    size: () => ({
      records: sum(unsentLines),
      bytes: sum(unsentBytes),
      memoryBytes: sum(unsentBytes, inMemory()),
    }),
    close() {
      for (const entry of entries) entry.segment.close();
      for (const each of [spool, ...adopted]) {
        const left = entries.some((entry) => entry.spool === each && !isSent(entry));
        onDisk(() => (left ? each.release() : each.remove()));
      }
      entries = [];
    },
  };
}

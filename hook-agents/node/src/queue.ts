import type { Receipt } from "./api.ts";
import type { CommandLine } from "./command.ts";
import {
  type Batch,
  createEntry,
  type Entry,
  isSent,
  placeOf,
  readBatch,
  remaining,
  settle,
  unsentBytes,
  unsentLines,
} from "./entry.ts";
import type { Place } from "./fate.ts";
import { createMemorySegment, type Segment } from "./segment.ts";
import type { Spool } from "./spool.ts";

export interface QueueOptions {
  readonly spool: Spool;
  readonly spoolBytes: number;
  readonly memoryBytes: number;
  /** The spool can't be written (an error), or can again (null). */
  onSpoolCondition(error: unknown): void;
}

/** Every record that the service doesn't have yet, oldest first: on disk, and in memory where the disk refuses. */
export interface Queue {
  /** @returns where the record's fate is told, undefined when there is no room */
  append(line: CommandLine): Place | undefined;
  /** Puts what an earlier process left behind what is there. */
  adopt(spool: Spool): number;
  /** The next batch, undefined when all is sent. The entry it came from stays as it is until it is acknowledged or let go. */
  peek(maxBytes: number, maxRecords: number): Batch | undefined;
  acknowledge(batch: Batch, receipt: Receipt): void;
  /** Takes the batch's record out. @returns its line */
  refuse(batch: Batch, index: number, receipt: Receipt): string;
  letGo(): void;
  /** Resolves once everything appended before the call is decided. */
  drained(): Promise<void>;
  /** Says that the process is there, and tries the disk again. */
  tick(): void;
  size(): { records: number; bytes: number; memoryBytes: number };
  close(): void;
}

const diskProbeMs = 1_000;

export function createQueue(options: QueueOptions): Queue {
  const { spool, spoolBytes, memoryBytes } = options;
  const segmentBytes = Math.max(65_536, Math.floor(spoolBytes / 16));
  const entries: Entry[] = [];
  const adoptedSpools = new Set<Spool>();
  /** Where appends go; the last of the entries, when there is one. */
  let tail: Entry | undefined;
  let inFlight: Entry | undefined;
  let diskRefusedAt: number | null = null;

  const sum = (size: (entry: Entry) => number, of = entries) =>
    of.reduce((total, entry) => total + size(entry), 0);
  const inMemory = () => entries.filter((entry) => entry.spool === null);

  const addTail = (segment: Segment, owner: Spool | null) => {
    tail = createEntry(segment, owner);
    entries.push(tail);
    return tail;
  };

  const writeTo = (entry: Entry, line: CommandLine): Place => {
    const number = entry.segment.lines;
    entry.segment.append(line.text);
    return placeOf(entry, number);
  };

  const appendToDisk = (line: CommandLine): Place | undefined => {
    try {
      const full = tail !== undefined && tail.segment.bytes + line.bytes > segmentBytes;
      const entry =
        tail === undefined || tail.spool === null || full
          ? addTail(spool.openSegment(), spool)
          : tail;
      return writeTo(entry, line);
    } catch (error) {
      tail = undefined;
      diskRefusedAt = Date.now();
      options.onSpoolCondition(error);
      return undefined;
    }
  };

  const appendToMemory = (line: CommandLine): Place | undefined => {
    if (sum(unsentBytes, inMemory()) + line.bytes > memoryBytes) return undefined;
    const full = tail !== undefined && tail.segment.bytes + line.bytes > memoryBytes / 8;
    const entry =
      tail === undefined || tail.spool !== null || full
        ? addTail(createMemorySegment(), null)
        : tail;
    return writeTo(entry, line);
  };

  /** Moves what is only in memory to the disk, once that takes it again. */
  const spill = () => {
    if (diskRefusedAt === null || Date.now() - diskRefusedAt < diskProbeMs) return;
    diskRefusedAt = Date.now();
    for (const entry of inMemory()) {
      if (entry === inFlight) continue;
      const lines = remaining(entry);
      const text = lines.map((line) => line.text).join("");
      const segment = spool.rewriteSegment(entry.segment, text);
      const places = lines.map((line) => line.place);
      entries[entries.indexOf(entry)] = { ...createEntry(segment, spool), places };
    }
    tail = undefined;
    diskRefusedAt = null;
    options.onSpoolCondition(null);
  };

  const trySpill = () => {
    try {
      spill();
    } catch (error) {
      options.onSpoolCondition(error);
    }
  };

  const removeSent = () => {
    for (const entry of entries.filter(isSent)) {
      if (entry === tail && entry.segment.bytes < segmentBytes / 16) continue;
      if (entry === tail) tail = undefined;
      entries.splice(entries.indexOf(entry), 1);
      entry.segment.remove();
    }
    for (const left of adoptedSpools) {
      if (entries.some((entry) => entry.spool === left)) continue;
      left.remove();
      adoptedSpools.delete(left);
    }
  };

  return {
    append(line) {
      trySpill();
      if (diskRefusedAt !== null) return appendToMemory(line);
      if (sum(unsentBytes) + line.bytes > spoolBytes) return undefined;
      return appendToDisk(line) ?? appendToMemory(line);
    },
    adopt(left) {
      const adopted = left
        .leftSegments()
        .map(({ segment, sentBytes }) => createEntry(segment, left, sentBytes));
      adoptedSpools.add(left);
      entries.push(...adopted);
      // What comes now is younger than what was adopted.
      tail = undefined;
      removeSent();
      return sum(unsentLines, adopted);
    },
    peek(maxBytes, maxRecords) {
      for (;;) {
        const entry = entries.find((candidate) => !isSent(candidate));
        if (!entry) return undefined;
        const batch = readBatch(entry, maxBytes, maxRecords);
        if (batch.records > 0) {
          inFlight = entry;
          return batch;
        }
        this.acknowledge(batch, { outcome: "stored" });
      }
    },
    acknowledge({ entry, bytes, lineNumbers, endLine }, receipt) {
      inFlight = undefined;
      for (const line of lineNumbers) settle(entry, line, receipt);
      entry.sentBytes += bytes;
      entry.sentLines = endLine;
      for (const line of entry.refused) if (line < endLine) entry.refused.delete(line);
      entry.spool?.writeCursor(entry.segment, entry.sentBytes);
      removeSent();
    },
    refuse({ entry, body, lineNumbers }, index, receipt) {
      const line = lineNumbers[index];
      if (line === undefined) throw new Error(`the batch has no record ${index}`);
      entry.refused.add(line);
      settle(entry, line, receipt);
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
      trySpill();
      for (const each of [spool, ...adoptedSpools]) each.touch();
    },
    size: () => ({
      records: sum(unsentLines),
      bytes: sum(unsentBytes),
      memoryBytes: sum(unsentBytes, inMemory()),
    }),
    close() {
      for (const entry of entries) entry.segment.close();
      for (const each of [spool, ...adoptedSpools]) {
        const left = entries.some((entry) => entry.spool === each && !isSent(entry));
        if (left) each.release();
        else each.remove();
      }
      entries.length = 0;
    },
  };
}

import type { Receipt } from "./api.ts";
import { type BacklogOptions, type Bound, createBacklog } from "./backlog.ts";
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
  unsentLines,
} from "./entry.ts";
import type { Place } from "./fate.ts";
import type { Spool } from "./spool.ts";

export interface QueueOptions extends Pick<BacklogOptions, "onRelief"> {
  readonly spoolBytes: number;
  readonly memoryBytes: number;
  /** A folder that no one else knows yet. */
  newSpool(): Spool;
  /** Records were spooled and are not there any more. */
  onDamage(records: number): void;
  /** The spool can't be written (an error), or can again (null). */
  onSpoolCondition(error: unknown): void;
}

/** Every record that the service doesn't have yet, oldest first: on disk, and in memory where the disk refuses. Never throws for the disk's sake. */
export interface Queue {
  /** @returns where the record's fate is told, undefined when there is no room */
  append(line: CommandLine): Place | undefined;
  /** Puts what an earlier process left behind what is there. @returns how many records that is */
  adopt(spool: Spool): number;
  /** The next batch, undefined when all is sent. */
  peek(maxBytes: number, maxRecords: number): Batch | undefined;
  acknowledge(batch: Batch, receipt: Receipt): void;
  /** Takes records out of the batch. @returns their lines */
  refuse(batch: Batch, indices: readonly number[], receipt: Receipt): string[];
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
  const onDiskBound = boundOf(options.spoolBytes, 16, false);
  const inMemoryBound = boundOf(options.memoryBytes, 8, true);
  let spool = options.newSpool();
  const adopted = new Set<Spool>();
  /** Somebody took or deleted their folders; what is unsent is still readable. */
  const lost = new Set<Spool>();
  let inFlight: Entry | undefined;
  let diskRefuses = false;
  const backlog = createBacklog({ inFlight: () => inFlight, onRelief: options.onRelief });

  const onDisk = (task: () => void) => {
    try {
      task();
    } catch (error) {
      backlog.seal();
      diskRefuses = true;
      options.onSpoolCondition(error);
    }
  };

  /** Moves what is only in memory to the disk, once that takes it again. */
  const spill = () => {
    if (!diskRefuses) return;
    for (const entry of backlog.of(null))
      backlog.replace(entry, rewriteEntry(entry, remaining(entry), spool));
    diskRefuses = false;
    if (lost.size === 0) options.onSpoolCondition(null);
  };

  const loseSpools = () => {
    if (!spool.touch()) {
      lost.add(spool);
      spool = options.newSpool();
    }
    for (const left of adopted) if (!left.touch() && adopted.delete(left)) lost.add(left);
  };

  /** Moves what is unsent of lost spools into a folder that is there. */
  const rescue = () => {
    for (const from of lost) {
      for (const entry of backlog.of(from)) {
        const rescued = isSent(entry) ? undefined : rewriteEntry(entry, remaining(entry), spool);
        backlog.replace(entry, rescued);
      }
      // Its folder may be there all the same, when only the touch had failed.
      from.remove();
      lost.delete(from);
    }
  };

  const tick = () => {
    loseSpools();
    onDisk(rescue);
    onDisk(spill);
  };

  const removeSent = () => {
    backlog.removeSent(onDiskBound.segmentBytes / 16);
    for (const left of adopted) {
      if (backlog.of(left).length > 0) continue;
      adopted.delete(left);
      left.remove();
    }
  };

  const acknowledge = (batch: Batch, receipt: Receipt) => {
    inFlight = undefined;
    acknowledgeBatch(batch, receipt);
    const { segment, sentBytes, spool: owner } = batch.entry;
    // Without the cursor these records are sent again after a crash, and recognised by their ids.
    if (backlog.has(batch.entry)) onDisk(() => owner?.writeCursor(segment, sentBytes));
    onDisk(removeSent);
  };

  /** Somebody cut the file: what it no longer has must not hold up the rest. */
  const giveUp = (entry: Entry) => {
    const records = unsentLines(entry);
    for (let line = entry.sentLines; line < entry.segment.lines; line += 1) {
      const place = placeOf(entry, line);
      place.fate.settle(place.line, { outcome: "dropped", reason: "spool_damaged" });
    }
    onDisk(() => backlog.replace(entry, undefined));
    options.onDamage(records);
  };

  return {
    acknowledge,
    append(line) {
      let place: Place | undefined;
      if (!diskRefuses)
        onDisk(() => {
          place = backlog.append(line, spool, onDiskBound);
        });
      return diskRefuses ? backlog.append(line, null, inMemoryBound) : place;
    },
    adopt(left) {
      let records = 0;
      onDisk(() => {
        const entries = left
          .leftSegments()
          .map(({ segment, sentBytes }) => createEntry(segment, left, { sentBytes, bulky: true }));
        adopted.add(left);
        backlog.add(entries);
        records = entries.reduce((total, entry) => total + unsentLines(entry), 0);
        removeSent();
      });
      return records;
    },
    peek(maxBytes, maxRecords) {
      for (;;) {
        const entry = backlog.first();
        if (!entry) return undefined;
        const batch = readBatch(entry, maxBytes, maxRecords);
        if (batch && batch.records > 0) {
          inFlight = entry;
          return batch;
        }
        if (batch) acknowledge(batch, { outcome: "stored" });
        else giveUp(entry);
      }
    },
    refuse({ entry, body, lineNumbers }, indices, receipt) {
      const lines = body.toString().split("\n");
      return indices.map((index) => {
        const number = lineNumbers[index];
        if (number === undefined) throw new RangeError(`the batch has no record ${index}`);
        entry.refused.set(number, receipt);
        return lines[index] ?? "";
      });
    },
    letGo() {
      inFlight = undefined;
    },
    async drained() {
      const last = backlog.last();
      if (last === undefined) return;
      const place = placeOf(last, last.segment.lines - 1);
      await place.fate.receiptOf(place.line);
    },
    tick,
    size: () => backlog.size(),
    close() {
      // What can be on the disk now has an heir.
      tick();
      const withRest = new Set(
        [spool, ...adopted].filter((each) => backlog.of(each).some((entry) => !isSent(entry))),
      );
      onDisk(() => backlog.close());
      for (const each of [spool, ...adopted])
        onDisk(() => (withRest.has(each) ? each.release() : each.remove()));
    },
  };
}

/** Segments are a part of the bound, so that dropping the oldest gives up a part and not all. */
function boundOf(maxBytes: number, parts: number, memoryOnly: boolean): Bound {
  return { maxBytes, segmentBytes: Math.max(4_096, Math.floor(maxBytes / parts)), memoryOnly };
}

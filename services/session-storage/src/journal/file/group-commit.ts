import { setImmediate } from "node:timers/promises";

import { ServiceError } from "../../domain/errors.ts";
import type { SessionEvent } from "../../domain/event.ts";
import type { JournalSubscriber, Position } from "../journal.ts";
import { type Batch, takeBatch, type Waiting } from "./batch.ts";
import type { Condition } from "./condition.ts";
import { createIdleTimer } from "./idle-timer.ts";
import { watermarkLine } from "./journal-line.ts";
import type { SegmentWriter } from "./segment-writer.ts";

export interface GroupCommitOptions {
  readonly writer: SegmentWriter;
  readonly condition: Condition;
  readonly subscriber: JournalSubscriber;
  readonly durability: "fsync" | "os";
  /** The last position on disk, and the highest that a line says to be durable. */
  readonly position: Position;
  readonly watermark: Position;
  readonly idleWatermarkMs: number;
  readonly now: () => number;
}

export interface GroupCommit {
  readonly append: (events: readonly SessionEvent[]) => Promise<Position>;
  /** The last position that was acknowledged. */
  position(): Position;
  close(): Promise<void>;
}

/** One fsync for everything that arrived while the one before it ran. */
export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { writer, condition, subscriber, durability } = options;
  const queue: Waiting[] = [];
  let position = options.position;
  /** Up to here an fsync has been through; behind `position` only with durability "os". */
  let synced = options.position;
  let watermark = options.watermark;
  let wantsWatermark = false;
  let running: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  const idle = createIdleTimer(options.idleWatermarkMs, options.now, () => {
    wantsWatermark = true;
    running ??= run();
  });

  /** The one who writes. Every change of the files of the journal happens in here, one after another. */
  async function run(): Promise<void> {
    try {
      for (;;) {
        // A turn of the event loop, so that everything that arrives in it shares the batch.
        await setImmediate();
        if (queue.length > 0) await commit(takeBatch(queue, position, synced));
        else if (wantsWatermark) await writeWatermark();
        else break;
      }
    } finally {
      running = undefined;
    }
    if (watermark < position && condition.current() === "ok" && closing === undefined) idle.touch();
  }

  async function commit(batch: Batch): Promise<void> {
    try {
      if (batch.bytes.length > 0) {
        await writer.write(position + 1, batch.bytes);
        if (durability === "fsync") await writer.sync();
      }
    } catch (error) {
      return condition.fail(error, () => [...batch.appends, ...queue.splice(0)]);
    }
    watermark = batch.entries.length > 0 ? synced : watermark;
    position = batch.last;
    if (durability === "fsync") synced = position;
    if (batch.entries.length > 0) subscriber.applied(batch.entries);
    for (const [index, append] of batch.appends.entries())
      append.resolve(batch.positions[index] ?? position);
  }

  async function writeWatermark(): Promise<void> {
    wantsWatermark = false;
    if (watermark === position || condition.current() !== "ok") return;
    try {
      await writer.sync();
      synced = position;
      await writer.write(position + 1, watermarkLine(position));
      await writer.sync();
      watermark = position;
    } catch (error) {
      await condition.fail(error, () => queue.splice(0));
    }
  }

  async function finish(): Promise<void> {
    idle.stop();
    await condition.stop();
    wantsWatermark = true;
    running ??= run();
    await running;
    await writer.close();
  }

  if (watermark < position) idle.touch();

  return {
    async append(events) {
      if (closing !== undefined) throw new ServiceError("draining", "the journal is closing");
      const refusal = condition.refusalOf(events);
      if (refusal !== undefined) throw refusal;
      return new Promise((resolve, reject) => {
        queue.push({ events, resolve, reject });
        running ??= run();
      });
    },
    position: () => position,
    close: () => (closing ??= finish()),
  };
}

import { setImmediate } from "node:timers/promises";

import type { Logger } from "pino";

import { ServiceError } from "../../domain/errors.ts";
import type { SessionEvent } from "../../domain/event.ts";
import type { Ballast } from "../../files/ballast.ts";
import { isDiskFull, storageFull } from "../../files/errno.ts";
import type { JournalStatus, JournalSubscriber, Position } from "../journal.ts";
import { type Batch, takeBatch, type Waiting } from "./batch.ts";
import { createIdleTimer } from "./idle-timer.ts";
import { watermarkLine } from "./journal-line.ts";
import { createRoomProbe } from "./room-probe.ts";
import type { SegmentWriter } from "./segment-writer.ts";

export interface GroupCommitOptions {
  readonly writer: SegmentWriter;
  readonly ballast: Ballast;
  readonly subscriber: JournalSubscriber;
  readonly durability: "fsync" | "os";
  /** The last position on disk, and the highest that a line says to be durable. */
  readonly position: Position;
  readonly watermark: Position;
  readonly isFull: boolean;
  readonly idleWatermarkMs: number;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly now: () => number;
}

export interface GroupCommit {
  readonly append: (events: readonly SessionEvent[]) => Promise<Position>;
  condition(): JournalStatus["condition"];
  /** The last position that was acknowledged. */
  position(): Position;
  close(): Promise<void>;
}

const probeEveryMs = 1000;

/** One fsync for everything that arrived while the one before it ran. */
export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { writer, ballast, subscriber, durability, log } = options;
  const queue: Waiting[] = [];
  let condition: JournalStatus["condition"] = "ok";
  let position = options.position;
  /** Up to here an fsync has been through; behind `position` only with durability "os". */
  let synced = options.position;
  let watermark = options.watermark;
  let wantsWatermark = false;
  let running: Promise<void> | undefined;
  let refusal: ServiceError | undefined;
  let closing: Promise<void> | undefined;

  const idle = createIdleTimer(options.idleWatermarkMs, options.now, () => {
    wantsWatermark = true;
    running ??= run();
  });
  const probe = createRoomProbe(ballast, probeEveryMs, {
    onRoom() {
      if (condition !== "full") return;
      condition = "ok";
      refusal = undefined;
      log.info({ position }, "the volume has room again");
    },
    onError: (error) => refuseWrites(error),
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
    if (watermark < position && condition === "ok" && closing === undefined) idle.touch();
  }

  async function commit(batch: Batch): Promise<void> {
    try {
      if (batch.bytes.length > 0) {
        await writer.write(position + 1, batch.bytes);
        if (durability === "fsync") await writer.sync();
      }
    } catch (error) {
      return fail(batch.appends, error);
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
    if (watermark === position || condition !== "ok") return;
    try {
      await writer.sync();
      synced = position;
      await writer.write(position + 1, watermarkLine(position));
      await writer.sync();
      watermark = position;
    } catch (error) {
      await fail([], error);
    }
  }

  async function fail(appends: readonly Waiting[], error: unknown): Promise<void> {
    if (isDiskFull(error)) await refuseUntilRoom(error);
    else refuseWrites(error);
    const refused = refusal ?? storageFull(error);
    const rejected = [...appends, ...queue.splice(0)];
    subscriber.failed(refused);
    for (const append of rejected) append.reject(refused);
  }

  async function refuseUntilRoom(error: unknown): Promise<void> {
    const wasFull = condition === "full";
    condition = "full";
    refusal = storageFull(error);
    if (wasFull) return;
    log.error({ err: error, position }, "the volume is full");
    await ballast.release();
    if (closing === undefined) probe.start();
  }

  function refuseWrites(error: unknown): void {
    condition = "read_only";
    refusal = new ServiceError(
      "storage_read_only",
      "the journal could not be written; a restart finds out what is on disk",
      { cause: error },
    );
    log.error({ err: error, position }, "the journal is read-only from now on");
  }

  async function finish(): Promise<void> {
    idle.stop();
    await probe.stop();
    wantsWatermark = true;
    running ??= run();
    await running;
    await writer.close();
  }

  if (options.isFull) {
    condition = "full";
    refusal = storageFull();
    probe.start();
  } else if (watermark < position) idle.touch();

  return {
    async append(events) {
      if (closing !== undefined) throw new ServiceError("draining", "the journal is closing");
      if (refusal !== undefined && !(condition === "full" && makesRoom(events))) throw refusal;
      return new Promise((resolve, reject) => {
        queue.push({ events, resolve, reject });
        running ??= run();
      });
    },
    condition: () => condition,
    position: () => position,
    close: () => (closing ??= finish()),
  };
}

/** What the ballast was kept for. */
function makesRoom(events: readonly SessionEvent[]): boolean {
  return events.length > 0 && events.every(({ type }) => type === "session_deleted");
}

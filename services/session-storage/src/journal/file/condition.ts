import type { Logger } from "pino";

import { ServiceError } from "../../domain/errors.ts";
import type { SessionEvent } from "../../domain/event.ts";
import type { Ballast } from "../../files/ballast.ts";
import { isDiskFull, storageFull } from "../../files/errno.ts";
import type { JournalStatus, JournalSubscriber } from "../journal.ts";
import type { Waiting } from "./batch.ts";
import { createRoomProbe } from "./room-probe.ts";

export interface ConditionOptions {
  readonly ballast: Ballast;
  readonly subscriber: JournalSubscriber;
  readonly isFull: boolean;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
}

/** Whether the journal can be written, and what becomes of appends when it cannot. */
export interface Condition {
  current(): JournalStatus["condition"];
  /** Why these events are not taken now; undefined when they are. */
  refusalOf(events: readonly SessionEvent[]): ServiceError | undefined;
  /**
   * A write did not succeed: tells the subscribers, then rejects.
   * @param takeRejected called once nothing can come between the two any more
   */
  fail(error: unknown, takeRejected: () => readonly Waiting[]): Promise<void>;
  /** Ends the waiting for room. */
  stop(): Promise<void>;
}

const probeEveryMs = 1000;

export function createCondition({ ballast, subscriber, isFull, log }: ConditionOptions): Condition {
  let condition: JournalStatus["condition"] = isFull ? "full" : "ok";
  let refusal: ServiceError | undefined = isFull ? storageFull() : undefined;
  let isStopped = false;

  const probe = createRoomProbe(ballast, probeEveryMs, {
    onRoom() {
      if (condition !== "full") return;
      condition = "ok";
      refusal = undefined;
      log.info({}, "the volume has room again");
    },
    onError: (error) => log.error({ err: error }, "the ballast cannot be made"),
  });
  if (isFull) probe.start();

  function refuseUntilRoom(error: unknown): ServiceError {
    if (condition === "ok") {
      log.error({ err: error }, "the volume is full");
      if (!isStopped) probe.start();
    }
    condition = "full";
    return storageFull(error);
  }

  function refuseForGood(error: unknown): ServiceError {
    log.error({ err: error }, "the journal is read-only from now on");
    condition = "read_only";
    const detail = "the journal could not be written; a restart finds out what is on disk";
    return new ServiceError("storage_read_only", detail, { cause: error });
  }

  return {
    current: () => condition,
    refusalOf: (events) => (condition === "full" && makesRoom(events) ? undefined : refusal),
    async fail(error, takeRejected) {
      let cause = error;
      // While the condition is still "ok": what arrives now waits, and is not refused before the subscribers know.
      if (isDiskFull(error) && condition === "ok")
        await ballast.release().catch((releaseError: unknown) => {
          cause = releaseError;
        });
      const refused = isDiskFull(cause) ? refuseUntilRoom(cause) : refuseForGood(cause);
      refusal = refused;
      const rejected = takeRejected();
      subscriber.failed(refused);
      for (const append of rejected) append.reject(refused);
    },
    async stop() {
      isStopped = true;
      await probe.stop();
    },
  };
}

/** What the ballast was kept for. */
function makesRoom(events: readonly SessionEvent[]): boolean {
  return events.length > 0 && events.every(({ type }) => type === "session_deleted");
}

import { judge, type Verdict } from "./answer.ts";
import type { Receipt, Refusal } from "./api.ts";
import type { Backoff } from "./backoff.ts";
import type { Creation } from "./creation.ts";
import type { Batch } from "./entry.ts";
import type { Queue } from "./queue.ts";
import type { Answer, Transport } from "./transport.ts";

export interface ShipperOptions {
  readonly queue: Queue;
  readonly transport: Transport;
  readonly backoff: Backoff;
  readonly batchBytes: number;
  readonly batchRecords: number;
  readonly creation: Creation;
  stored(records: number, duplicates: number): void;
  /** A request that will be made again. `slow`: somebody has to change something first. */
  failed(reason: string, slow: boolean): void;
  rejected(lines: readonly string[], problem: Refusal): void;
}

export interface Shipper {
  /** Something is queued: send it soon. */
  wake(): void;
  /** Don't wait any longer for the next attempt. */
  hurry(): void;
  /** Resolves after the next failed attempt. */
  failure(): Promise<void>;
  stop(): void;
}

/** A token can be put right and a service exchanged, but not within a second. */
const slowRetryMs = 15_000;
/** Long enough to put what one turn of an agent logs into one request, too short to notice. */
const lingerMs = 10;

/** Sends the queue in order, a batch at a time, for as long as it takes. Never keeps the process alive. */
export function createShipper(options: ShipperOptions): Shipper {
  const { queue, transport, backoff, creation } = options;
  let timer: NodeJS.Timeout | undefined;
  let sending = false;
  let stopped = false;
  let waitsForRetry = false;
  let refusedSession: Refusal | undefined;
  let recordsAtMost = options.batchRecords;
  let onFailure: (() => void)[] = [];

  const schedule = (delayMs: number, isRetry: boolean) => {
    if (stopped) return;
    clearTimeout(timer);
    waitsForRetry = isRetry;
    timer = setTimeout(() => {
      timer = undefined;
      void run();
    }, delayMs).unref();
  };

  const retryLater = (reason: string, slow: boolean, retryAfterMs = 0) => {
    queue.letGo();
    options.failed(reason, slow);
    schedule(backoff.next(slow ? Math.max(slowRetryMs, retryAfterMs) : retryAfterMs), true);
    for (const resolve of onFailure.splice(0)) resolve();
  };

  const refuse = (batch: Batch, indices: readonly number[], problem: Refusal) => {
    const lines = queue.refuse(batch, indices, { outcome: "rejected", problem });
    options.rejected(lines, problem);
  };

  const split = (batch: Batch, problem: Refusal) => {
    if (batch.records === 1) refuse(batch, [0], problem);
    else recordsAtMost = Math.ceil(batch.records / 2);
  };

  const store = (batch: Batch, receipt: Receipt, duplicates: number) => {
    queue.acknowledge(batch, receipt);
    options.stored(batch.records, duplicates);
    recordsAtMost = Math.min(options.batchRecords, recordsAtMost * 2);
    creation.done();
    backoff.reset();
  };

  /** @returns true to go on at once */
  const apply = (
    batch: Batch,
    verdict: Verdict,
    prefix: number,
    retryAfterMs?: number,
  ): boolean => {
    switch (verdict.kind) {
      case "stored":
        store(batch, verdict.receipt, verdict.duplicates);
        return true;
      case "retry":
        retryLater(verdict.reason, verdict.slow, retryAfterMs);
        return false;
      case "session_missing":
        if (creation.isMissing()) return true;
        retryLater("session_not_found", false);
        return false;
      case "session_refused":
        refusedSession = verdict.problem;
        return true;
      case "refused": {
        const own = verdict.indices.map((index) => index - prefix);
        if (own.includes(-1) && !creation.dropOptions()) {
          retryLater(verdict.problem.detail, true);
          return false;
        }
        if (own.length === 0) split(batch, verdict.problem);
        const indices = own.filter((index) => index >= 0);
        if (indices.length > 0) refuse(batch, indices, verdict.problem);
        return true;
      }
    }
  };

  const sendNext = async (): Promise<boolean> => {
    const batch = queue.peek(options.batchBytes, recordsAtMost);
    if (!batch) return false;
    if (refusedSession) {
      refuse(batch, [...batch.lineNumbers.keys()], refusedSession);
      // Nothing here waits for the network, so the agent must be let in between.
      await new Promise(setImmediate);
      return !stopped;
    }
    const create = creation.next();
    const prefix = create ? 1 : 0;
    let answer: Answer;
    try {
      answer = await transport.post(
        create ? Buffer.concat([Buffer.from(create), batch.body]) : batch.body,
      );
    } catch (error) {
      retryLater(error instanceof Error ? error.message : String(error), false);
      return false;
    }
    // Closed meanwhile: whoever takes the spool over sends the batch again, and the service knows the ids.
    if (stopped) return false;
    return apply(batch, judge(answer, batch.records + prefix), prefix, answer.retryAfterMs);
  };

  const run = async () => {
    if (sending || stopped) return;
    sending = true;
    waitsForRetry = false;
    try {
      while (!stopped && (await sendNext()));
    } catch (error) {
      retryLater(error instanceof Error ? error.message : String(error), true);
    } finally {
      sending = false;
    }
    if (!waitsForRetry && queue.size().records > 0) schedule(lingerMs, false);
  };

  return {
    wake() {
      if (!sending && !waitsForRetry && timer === undefined) schedule(lingerMs, false);
    },
    hurry() {
      if (!sending) schedule(0, false);
    },
    failure: () => new Promise((resolve) => onFailure.push(resolve)),
    stop() {
      stopped = true;
      clearTimeout(timer);
      transport.close();
    },
  };
}

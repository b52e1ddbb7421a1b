import { setTimeout as delay } from "node:timers/promises";

import { EntryStoreError } from "./entry-store.ts";

const longestWaitMs = 1_000;

/** Tries until it works, or fails for good, or the time is over: a service that starts, or starts again, comes. */
export async function againFor<Result>(
  timeoutMs: number,
  task: (leftMs: number) => Promise<Result>,
): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 50; ; waitMs = Math.min(longestWaitMs, 2 * waitMs)) {
    try {
      return await task(Math.max(0, deadline - performance.now()));
    } catch (error) {
      const isTemporary = error instanceof EntryStoreError && error.isTemporary;
      if (!isTemporary || performance.now() + waitMs >= deadline) throw error;
      await delay(waitMs);
    }
  }
}

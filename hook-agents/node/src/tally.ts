import type { Refusal, Stats } from "./api.ts";
import type { Warnings } from "./warnings.ts";

/** What `stats()` tells beside the sizes, and the warnings that go with it. */
export interface Tally {
  readonly stored: (records: number, duplicates: number) => void;
  /** A request that will be made again. `slow`: somebody has to change something first. */
  readonly failed: (reason: string, slow: boolean) => void;
  readonly refused: (records: number, problem: Refusal) => void;
  /** Refused records for which `rejected.jsonl` had no room. */
  readonly lost: (records: number) => void;
  /** Queued records gave way to newer ones. */
  readonly relieved: (shortened: number, dropped: number) => void;
  readonly damaged: (records: number) => void;
  readonly adopted: (records: number) => void;
  counts(): Omit<Stats, "enabled" | "queued" | "queuedBytes" | "memoryBytes">;
}

export const noCounts = {
  adopted: 0,
  sent: 0,
  duplicates: 0,
  retried: 0,
  rejected: 0,
  dropped: 0,
  shortened: 0,
};

/** A service that starts a little later than the agent is nothing to warn about. */
const toldAfterFailures = 6;

export function createTally(sessionId: string, { warn, forget }: Warnings): Tally {
  const counts = { ...noCounts };
  let lastError: string | null = null;
  /** Since the last success. */
  let failures = 0;

  return {
    stored(records, duplicates) {
      counts.sent += records;
      counts.duplicates += duplicates;
      lastError = null;
      failures = 0;
      forget("service");
    },
    failed(reason, slow) {
      counts.retried += 1;
      lastError = reason;
      failures += 1;
      if (slow || failures >= toldAfterFailures)
        warn("service", { sessionId, reason }, "service takes no records, they stay in the spool");
    },
    refused(records, problem) {
      counts.rejected += records;
      warn("rejected", { sessionId, ...problem }, "record refused for good");
    },
    lost(records) {
      counts.dropped += records;
      warn("rejected.jsonl", { sessionId }, "rejected.jsonl is full or can't be written");
    },
    relieved(shortened, dropped) {
      counts.shortened += shortened;
      counts.dropped += dropped;
      if (dropped > 0) warn("full", { sessionId }, "spool is full, bulk records give way");
    },
    damaged(records) {
      counts.dropped += records;
      warn("damaged", { sessionId, records }, "spool was changed by somebody else");
    },
    adopted(records) {
      counts.adopted += records;
    },
    counts: () => ({ ...counts, lastError }),
  };
}

import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { ServiceError } from "../domain/errors.ts";

/** @param recordsPerSecond of one session; undefined: no limit */
export function createRateLimit(recordsPerSecond: number | undefined) {
  if (recordsPerSecond === undefined) return () => {};
  const limiter = new RateLimiterMemory({ points: recordsPerSecond, duration: 1 });

  return async (sessionId: string, records: number): Promise<void> => {
    try {
      // A batch larger than a second's share could never pass: it takes the whole share.
      await limiter.consume(sessionId, Math.min(records, recordsPerSecond));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new ServiceError(
        "rate_limited",
        `over ${recordsPerSecond} records per second in this session (RATE_LIMIT)`,
        { retryAfterMs: error.msBeforeNext },
      );
    }
  };
}

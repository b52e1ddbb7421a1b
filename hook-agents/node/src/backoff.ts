export interface Backoff {
  /** Milliseconds until the next attempt: full jitter over a bound that doubles with each call. */
  next(atLeastMs?: number): number;
  reset(): void;
}

/** A wait that a service asks for is honoured up to this. */
const longestAskedMs = 600_000;

export function createBackoff(baseMs: number, maxMs: number, random = Math.random): Backoff {
  let attempts = 0;
  return {
    next(atLeastMs = 0) {
      const bound = Math.min(maxMs, baseMs * 2 ** Math.min(attempts, 30));
      attempts += 1;
      return Math.min(longestAskedMs, atLeastMs) + random() * bound;
    },
    reset() {
      attempts = 0;
    },
  };
}

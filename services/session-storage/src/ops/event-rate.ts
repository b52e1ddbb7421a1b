import type { Projection } from "../domain/sessions.ts";

/** Seconds over which the mean is taken. */
const windowSeconds = 10;

export interface EventRate extends Projection {
  perSecond(): number;
}

/** Durable events per second, from one counter for each of the last seconds. */
export function createEventRate(nowMs: () => number): EventRate {
  const counts = new Map<number, number>();
  const second = () => Math.floor(nowMs() / 1_000);

  return {
    apply() {
      const now = second();
      counts.set(now, (counts.get(now) ?? 0) + 1);
      if (counts.size > windowSeconds + 1)
        for (const key of counts.keys()) if (key <= now - windowSeconds) counts.delete(key);
    },
    perSecond() {
      const now = second();
      let sum = 0;
      for (const [key, count] of counts) if (key > now - windowSeconds) sum += count;
      return sum / windowSeconds;
    },
  };
}

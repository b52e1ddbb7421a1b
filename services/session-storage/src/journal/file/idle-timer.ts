export interface IdleTimer {
  /** Something happened: count from now. */
  touch(): void;
  stop(): void;
}

/**
 * Calls `onIdle` once `idleMs` have passed since the last touch. Touching costs no timer: the one that runs looks, when it
 * ends, at how long it still has to wait.
 * @param now milliseconds, monotonic
 */
export function createIdleTimer(idleMs: number, now: () => number, onIdle: () => void): IdleTimer {
  let timer: NodeJS.Timeout | undefined;
  let touchedMs = 0;

  function arm(ms: number) {
    timer = setTimeout(() => {
      timer = undefined;
      const leftMs = touchedMs + idleMs - now();
      if (leftMs > 0) arm(leftMs);
      else onIdle();
    }, ms);
    timer.unref();
  }

  return {
    touch() {
      touchedMs = now();
      if (timer === undefined) arm(idleMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

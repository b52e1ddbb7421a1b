export interface Backlog {
  /** Negative once they are written. */
  add(bytes: number): void;
  /** Undefined while there is room; else resolves whether it came in time. */
  room(): Promise<boolean> | undefined;
}

/** How long one waits for room before it is refused, ms. */
const patienceMs = 5_000;

/** Bytes that are on their way to the disk, and those who wait for them to become fewer. */
export function createBacklog(maxBytes: number): Backlog {
  const waiting = new Set<(isLate: boolean) => void>();
  let total = 0;

  return {
    add(bytes) {
      total += bytes;
      if (bytes < 0) for (const look of waiting) look(false);
    },
    room() {
      if (total <= maxBytes) return undefined;
      return new Promise((resolve) => {
        const look = (isLate: boolean) => {
          const hasRoom = total <= maxBytes;
          if (!hasRoom && !isLate) return;
          clearTimeout(deadline);
          waiting.delete(look);
          resolve(hasRoom);
        };
        const deadline = setTimeout(look, patienceMs, true);
        waiting.add(look);
      });
    },
  };
}

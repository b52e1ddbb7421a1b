/** The offsets of a session's last ids, so that a repeated record is recognised. */
export interface IdWindow {
  readonly size: number;
  offsetOf(id: string): number | undefined;
  /** Ids come in the order of their offsets. */
  add(id: string, offset: number): void;
  /** Forgets ids beyond an offset: what they stood for was never stored. */
  dropAfter(offset: number): void;
}

/** @param atLeast how many ids are kept at least; up to a quarter more are held before the oldest go */
export function createIdWindow(atLeast: number): IdWindow {
  const offsets = new Map<string, number>();

  return {
    get size() {
      return offsets.size;
    },
    offsetOf: (id) => offsets.get(id),
    add(id, offset) {
      offsets.set(id, offset);
      if (offsets.size <= atLeast * 1.25) return;
      for (const oldest of offsets.keys()) {
        if (offsets.size <= atLeast) break;
        offsets.delete(oldest);
      }
    },
    dropAfter(offset) {
      for (const [id, of] of offsets) if (of > offset) offsets.delete(id);
    },
  };
}

import type { PositionRange } from "./segment-scan.ts";

export interface LostRanges {
  /** @returns whether a position of it was not known as lost before */
  add(range: PositionRange): boolean;
  list(): readonly PositionRange[];
}

/** Positions that damage took, in order, merged where they touch. */
export function createLostRanges(): LostRanges {
  let ranges: PositionRange[] = [];

  return {
    list: () => ranges,
    add(range) {
      if (ranges.some(({ from, to }) => from <= range.from && range.to <= to)) return false;
      const touches = ({ from, to }: PositionRange) => from <= range.to + 1 && to >= range.from - 1;
      const merged = [range, ...ranges.filter(touches)];
      ranges = [
        ...ranges.filter((known) => !touches(known)),
        {
          from: Math.min(...merged.map(({ from }) => from)),
          to: Math.max(...merged.map(({ to }) => to)),
        },
      ].toSorted((a, b) => a.from - b.from);
      return true;
    },
  };
}

import type { Position } from "../journal.ts";
import type { PositionRange, SegmentScan } from "./segment-scan.ts";

interface ByteRange {
  readonly at: number;
  readonly byteCount: number;
}

export interface SegmentRepair {
  readonly scan: SegmentScan;
  /** Corruption: these bytes leave the segment, everything else stays. */
  readonly rotten: readonly ByteRange[];
  /** Torn tail: the segment ends at this byte, its size when nothing is torn. */
  readonly end: number;
  readonly missingNewlines: readonly number[];
}

export interface RepairPlan {
  readonly repairs: readonly SegmentRepair[];
  /** The last position that stays. */
  readonly last: Position;
  /** Known to be durable before the repair. */
  readonly durable: Position;
  readonly lost: readonly PositionRange[];
}

/**
 * Tells torn from rotten. What the watermark covers was acknowledged: damage there is corruption, and only the damaged
 * bytes go. Damage above it is a write that a crash cut short: it goes with everything after it, and with the lines
 * before it that belong to the same append.
 * @param scans of all segments, oldest first
 */
export function planRepair(scans: readonly SegmentScan[]): RepairPlan {
  // A segment is begun only once everything before it is durable, so its name is a watermark too.
  const durable = Math.max(0, ...scans.map((scan) => Math.max(scan.durable, scan.first - 1)));
  const repairs: SegmentRepair[] = [];
  const lost: PositionRange[] = [];
  let last = scans[0] === undefined ? 0 : scans[0].first - 1;
  for (const scan of scans) {
    if (scan.first - 1 > last) lost.push({ from: last + 1, to: scan.first - 1 });
    const torn = tornTail(scan, durable);
    const end = torn?.at ?? scan.byteCount;
    lost.push(...scan.gaps.filter((gap) => gap.at < end).map(({ from, to }) => ({ from, to })));
    repairs.push({
      scan,
      end,
      rotten: scan.damage.filter((damage) => damage.at < end),
      missingNewlines: scan.missingNewlines.filter((at) => at <= end),
    });
    last = torn?.last ?? scan.last;
  }
  return { repairs, last, durable, lost };
}

function tornTail(
  scan: SegmentScan,
  durable: Position,
): { at: number; last: Position } | undefined {
  const torn = scan.damage.find((damage) => !damage.isHarmless && damage.after >= durable);
  const openGroup = torn === undefined ? scan.openGroup : torn.openGroup;
  if (openGroup !== undefined && openGroup.first > durable)
    return { at: openGroup.at, last: openGroup.first - 1 };
  return torn === undefined ? undefined : { at: torn.at, last: torn.after };
}

export interface KeptRange {
  readonly from: number;
  readonly to: number;
  readonly lacksNewline: boolean;
}

/** What stays of a segment, in order. */
export function keptRanges({ end, rotten, missingNewlines }: SegmentRepair): KeptRange[] {
  const stops = [
    ...missingNewlines.map((at) => ({ at, skips: 0, lacksNewline: true })),
    ...rotten.map(({ at, byteCount }) => ({ at, skips: byteCount, lacksNewline: false })),
    { at: end, skips: 0, lacksNewline: false },
  ].toSorted((a, b) => a.at - b.at);
  let from = 0;
  return stops.map(({ at, skips, lacksNewline }) => {
    const kept = { from, to: at, lacksNewline };
    from = at + skips;
    return kept;
  });
}

import type { FileLine } from "../../files/file-line.ts";
import type { Position } from "../journal.ts";
import { visitLine } from "./whole-lines.ts";

/** Inclusive. */
export interface PositionRange {
  readonly from: Position;
  readonly to: Position;
}

/** Lines of one append of which the last ones are missing. */
interface OpenGroup {
  readonly at: number;
  readonly first: Position;
}

/** Bytes of a segment that are no lines. */
interface Damage {
  readonly at: number;
  byteCount: number;
  /** The last position before them. */
  readonly after: Position;
  /** Whether the whole line that follows them leaves no position out; then nothing but a watermark or a newline was here. */
  isHarmless: boolean;
  readonly openGroup: OpenGroup | undefined;
}

export interface SegmentScan {
  readonly first: Position;
  readonly byteCount: number;
  /** The last position in it; `first - 1` when there is none. */
  readonly last: Position;
  /** The highest position that a line of it says to be durable. */
  readonly durable: Position;
  readonly damage: readonly Damage[];
  /** Positions that no line has, with the byte of the line that follows the gap. */
  readonly gaps: readonly (PositionRange & { readonly at: number })[];
  /** Bytes where a newline is missing between or after whole lines. */
  readonly missingNewlines: readonly number[];
  readonly openGroup: OpenGroup | undefined;
}

/** Reads a segment line by line, deciding nothing: what the lines mean depends on the watermark of all segments. */
export function createSegmentScan(first: Position): {
  take(line: FileLine): void;
  finish(): SegmentScan;
} {
  let byteCount = 0;
  let last = first - 1;
  let durable = first - 1;
  let openGroup: OpenGroup | undefined;
  let lastMore = 0;
  let lastDamage: Damage | undefined;
  const damage: Damage[] = [];
  const gaps: (PositionRange & { at: number })[] = [];
  const missingNewlines: number[] = [];

  function damaged(at: number, bytes: number) {
    if (lastDamage !== undefined && lastDamage.at + lastDamage.byteCount === at) {
      lastDamage.byteCount += bytes;
      return;
    }
    lastDamage = { at, byteCount: bytes, after: last, isHarmless: false, openGroup };
    damage.push(lastDamage);
  }

  return {
    take(line) {
      byteCount = line.at + line.bytes.length + (line.terminated ? 1 : 0);
      visitLine(line, {
        damaged,
        whole(bytes, head, at, isTerminated) {
          const lineEnd = at + bytes.length;
          // A position that goes back cannot come from us; following it would give one position twice.
          if (head.position < last || (head.position === last && !head.isWatermark))
            return damaged(at, bytes.length + (isTerminated ? 1 : 0));
          if (!isTerminated) missingNewlines.push(lineEnd);
          durable = Math.max(durable, head.durable);
          const before = head.isWatermark ? head.position : head.position - 1;
          if (before > last) gaps.push({ from: last + 1, to: before, at });
          else if (lastDamage !== undefined) lastDamage.isHarmless = true;
          const continues = before === last && lastMore === head.more + 1 && !head.isWatermark;
          if (head.more === 0) openGroup = undefined;
          else if (!continues) openGroup = { at, first: head.position };
          lastMore = head.more;
          lastDamage = undefined;
          last = head.position;
        },
      });
    },
    finish: () => ({ first, byteCount, last, durable, damage, gaps, missingNewlines, openGroup }),
  };
}

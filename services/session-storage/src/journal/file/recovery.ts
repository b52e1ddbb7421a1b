import type { Logger } from "pino";

import { findLine, readLines } from "../../files/read-lines.ts";
import { readBytes } from "../../files/read.ts";
import { replaceFile, rewriteBytes, setAside, truncateFile } from "../../files/write.ts";
import type { Position } from "../journal.ts";
import { readHead } from "./journal-line.ts";
import { keptRanges, planRepair, type SegmentRepair } from "./repair-plan.ts";
import { createSegmentScan, type PositionRange, type SegmentScan } from "./segment-scan.ts";
import { type Segment, segmentName } from "./segments.ts";

export interface Recovered {
  readonly last: Position;
  /** The highest position that the segments themselves say to be durable. */
  readonly watermark: Position;
  readonly lost: readonly PositionRange[];
}

export interface RecoveryOptions {
  readonly quarantine: string;
  /** Segments that hold nothing after this position are left as they are. */
  readonly scanFrom: Position;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
}

const pieceBytes = 1_048_576;

/** Leaves the segments whole and durable, and what was damaged in `quarantine`. */
export async function recoverSegments(
  segments: readonly Segment[],
  { quarantine, scanFrom, log }: RecoveryOptions,
): Promise<Recovered> {
  const scanned = segments.filter(
    (_, index) => (segments[index + 1]?.first ?? Infinity) > scanFrom + 1,
  );
  const scans: SegmentScan[] = [];
  for (const segment of scanned) scans.push(await scanSegment(segment));
  const plan = planRepair(scans);
  for (const [index, segment] of scanned.entries()) {
    const repair = plan.repairs[index];
    if (repair !== undefined) await repairSegment(segment, repair);
  }
  const active = segments.at(-1);
  if (active !== undefined && plan.last > plan.durable) await makeDurable(active, plan.durable);
  return { last: plan.last, watermark: plan.durable, lost: plan.lost };

  async function repairSegment(segment: Segment, repair: SegmentRepair): Promise<void> {
    const { end, rotten, missingNewlines, scan } = repair;
    const name = segmentName(segment.first);
    if (end < scan.byteCount) {
      await keep(`.torn-${name}-${end}`, end, scan.byteCount);
      log.warn({ file: segment.path, cutBytes: scan.byteCount - end }, "torn tail cut");
    }
    for (const { at, byteCount } of rotten) {
      await keep(`${name}-${at}`, at, at + byteCount);
      log.error({ file: segment.path, at, byteCount }, "damaged bytes moved to quarantine");
    }
    if (rotten.length > 0 || missingNewlines.length > 0)
      await replaceFile(segment.path, keptPieces(segment.path, repair), { sync: true });
    else if (end < scan.byteCount) await truncateFile(segment.path, end);
    segment.byteCount =
      end - rotten.reduce((sum, range) => sum + range.byteCount, 0) + missingNewlines.length;

    async function keep(as: string, from: number, to: number) {
      for (let at = from; at < to; at += pieceBytes)
        await setAside(
          quarantine,
          as,
          await readBytes(segment.path, at, Math.min(to, at + pieceBytes)),
        );
    }
  }
}

async function scanSegment(segment: Segment): Promise<SegmentScan> {
  const scan = createSegmentScan(segment.first);
  for await (const lines of readLines(segment.path, { chunkBytes: pieceBytes }))
    for (const line of lines) scan.take(line);
  return scan.finish();
}

async function* keptPieces(path: string, repair: SegmentRepair) {
  for (const kept of keptRanges(repair)) {
    for (let at = kept.from; at < kept.to; at += pieceBytes)
      yield await readBytes(path, at, Math.min(kept.to, at + pieceBytes));
    if (kept.lacksNewline) yield "\n";
  }
}

/**
 * After a failed fsync the kernel may show pages as clean that never reached the disk; another fsync then writes nothing.
 * So what no watermark covers is written again before it counts as durable.
 */
async function makeDurable(segment: Segment, watermark: Position): Promise<void> {
  const from = await findLine(segment.path, (line) => readHead(line)?.position, watermark);
  await rewriteBytes(segment.path, from, pieceBytes);
}

import type { FileLine } from "../../src/files/read-lines.ts";
import { takeBatch, type Waiting } from "../../src/journal/file/batch.ts";
import { readEntry, watermarkLine } from "../../src/journal/file/journal-line.ts";
import { keptRanges, planRepair, type RepairPlan } from "../../src/journal/file/repair-plan.ts";
import { createSegmentScan } from "../../src/journal/file/segment-scan.ts";
import { visitLine } from "../../src/journal/file/whole-lines.ts";
import { action } from "./events.ts";

/** The bytes of a segment that begins with position 1, and the same code as on a disk that writes and repairs them. */
export function batchBytes(sizes: readonly number[], last: number, durable: number) {
  let offset = last;
  const queue: Waiting[] = sizes.map((size) => ({
    events: Array.from({ length: size }, () => action((offset += 1))),
    resolve() {},
    reject() {},
  }));
  return takeBatch(queue, last, durable);
}

export { watermarkLine };

/**
 * What a power cut leaves: of the bytes after `synced` at most `length`, and of those each block of the disk either
 * whole or as zeros.
 * @param blocks tells by block number whether it was written
 */
export function cutPower(
  bytes: Buffer,
  synced: number,
  length: number,
  blockBytes: number,
  blocks: (block: number) => boolean,
): Buffer {
  const left = Buffer.from(bytes.subarray(0, Math.min(bytes.length, synced + length)));
  for (let at = synced; at < left.length;) {
    const block = Math.floor(at / blockBytes);
    const end = Math.min(left.length, (block + 1) * blockBytes);
    if (!blocks(block)) left.fill(0, at, end);
    at = end;
  }
  return left;
}

export function linesOf(bytes: Buffer): FileLine[] {
  const lines: FileLine[] = [];
  let at = 0;
  for (let end = bytes.indexOf("\n"); end !== -1; end = bytes.indexOf("\n", at)) {
    lines.push({ at, bytes: bytes.subarray(at, end), terminated: true });
    at = end + 1;
  }
  if (at < bytes.length) lines.push({ at, bytes: bytes.subarray(at), terminated: false });
  return lines;
}

export function recover(bytes: Buffer): { plan: RepairPlan; bytes: Buffer } {
  const scan = createSegmentScan(1);
  for (const line of linesOf(bytes)) scan.take(line);
  const plan = planRepair([scan.finish()]);
  const [repair] = plan.repairs;
  if (repair === undefined) throw new Error("one segment has one repair");
  const pieces = keptRanges(repair).flatMap(({ from, to, lacksNewline }) =>
    lacksNewline ? [bytes.subarray(from, to), Buffer.from("\n")] : [bytes.subarray(from, to)],
  );
  return { plan, bytes: Buffer.concat(pieces) };
}

/** Positions of the entries; throws when a line is damaged. */
export function positionsIn(bytes: Buffer): number[] {
  const positions: number[] = [];
  for (const line of linesOf(bytes))
    visitLine(line, {
      damaged(at) {
        throw new Error(`damaged at byte ${at}`);
      },
      whole(whole, head) {
        if (!head.isWatermark) positions.push(readEntry(whole.toString()).position);
      },
    });
  return positions;
}

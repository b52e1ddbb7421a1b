import { join } from "node:path";

import { fileSize, listDirectory } from "../../files/read.ts";
import { removeTree } from "../../files/write.ts";
import type { Position } from "../journal.ts";

/** One file of the journal, named by its first position. */
export interface Segment {
  readonly first: Position;
  readonly path: string;
  byteCount: number;
}

const namePattern = /^(\d{16})\.log$/;
const temporaryPattern = /^\.\d{16}\.log\.tmp$/;

export function segmentAt(directory: string, first: Position): Segment {
  return { first, path: join(directory, `${segmentName(first)}.log`), byteCount: 0 };
}

export function segmentName(first: Position): string {
  return String(first).padStart(16, "0");
}

/** Oldest first. Removes what an interrupted repair left. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const names = await listDirectory(directory);
  for (const name of names)
    if (temporaryPattern.test(name)) await removeTree(join(directory, name));
  const firsts = names.flatMap((name) => {
    const first = namePattern.exec(name)?.[1];
    return first === undefined ? [] : [Number(first)];
  });
  const segments = firsts.toSorted((a, b) => a - b).map((first) => segmentAt(directory, first));
  for (const segment of segments) segment.byteCount = await fileSize(segment.path);
  return segments;
}

/**
 * Lets go of whole segments up to `upTo`, never of the one that is written. `keptBytes` stay, and so does what a reader
 * stands in.
 */
export async function trimSegments(
  segments: Segment[],
  { upTo, keptBytes, readFrom }: { upTo: Position; keptBytes: number; readFrom: Position },
): Promise<void> {
  let byteCount = segments.reduce((sum, segment) => sum + segment.byteCount, 0);
  for (;;) {
    const [oldest, next] = segments;
    if (oldest === undefined || next === undefined) return;
    if (next.first - 1 > upTo || next.first > readFrom) return;
    if (byteCount - oldest.byteCount < keptBytes) return;
    byteCount -= oldest.byteCount;
    segments.shift();
    // Durable one by one: a power cut must not leave a hole between segments.
    await removeTree(oldest.path);
  }
}

import type { FileHandle } from "node:fs/promises";

import { type Anchor, hashOf, newAnchor } from "./line-id.ts";

/** How far a transcript and the note beside it have been followed; JSON, kept on disk. */
export interface Cursor {
  /** Bytes whose lines are in the spool. */
  shipped: number;
  /** Bytes whose tokens are counted; ahead of `shipped` while lines have to wait. */
  counted: number;
  anchor: Anchor;
  /** Hash of the last bytes before `shipped`: a file that has others there was rewritten. */
  tail: string;
  /** The note's text that was shipped last, as a hash, and how often it became each text. */
  note: string;
  notes: Record<string, number>;
}

/** By the transcript's name below the main one, which is "". */
export type Cursors = Record<string, Cursor>;

const tailBytes = 256;

export const newCursor = (): Cursor => ({
  shipped: 0,
  counted: 0,
  anchor: newAnchor(),
  tail: "",
  note: "",
  notes: {},
});

export async function tailBefore(file: FileHandle, end: number): Promise<string> {
  if (end === 0) return "";
  const buffer = Buffer.alloc(Math.min(tailBytes, end));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, end - buffer.length);
  return hashOf(buffer.subarray(0, bytesRead));
}

/**
 * The CLI takes lines back, and a file may be put in the place of another. Then all of it is shipped again:
 * the service knows what it has.
 */
export async function startAnewIfRewritten(
  cursor: Cursor,
  file: FileHandle,
  size: number,
): Promise<void> {
  cursor.counted = Math.min(cursor.counted, size);
  if (size >= cursor.shipped && (await tailBefore(file, cursor.shipped)) === cursor.tail) return;
  startAnew(cursor);
}

export function startAnew(cursor: Cursor): void {
  Object.assign(cursor, { shipped: 0, anchor: newAnchor(), tail: "" });
}

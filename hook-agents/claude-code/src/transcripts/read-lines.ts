import type { FileHandle } from "node:fs/promises";

/** A whole line and where it ends, its line feed included. */
export interface Line {
  readonly text: string;
  readonly end: number;
}

/** Bytes read at once; a line with an image may be larger, then more is read. */
const chunkBytes = 4_194_304;
const lineFeed = 10;

/** From a byte that begins a line up to `size`; the rest of a line that is being written is left for later. */
export async function* readLines(
  file: FileHandle,
  from: number,
  size: number,
): AsyncGenerator<Line> {
  for (let start = from, length = chunkBytes; start < size;) {
    const buffer = Buffer.allocUnsafe(Math.min(length, size - start));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(lineFeed) + 1;
    if (end === 0) {
      if (bytesRead === 0 || start + bytesRead >= size) return;
      length *= 2;
      continue;
    }
    for (let at = 0; at < end;) {
      const next = buffer.indexOf(lineFeed, at);
      yield { text: buffer.toString("utf8", at, next), end: start + next + 1 };
      at = next + 1;
    }
    start += end;
  }
}

import { findLine, readLinesBackward } from "../files/read-lines.ts";
import { fileSize } from "../files/read.ts";
import { offsetOfLine } from "./log-line.ts";

/** Most who ask have seen nearly all: so much of the end is read before the search begins, bytes. */
const endBytes = 131_072;
const blockBytes = 16_384;

/** @returns the byte where the first line with an offset greater than `after` begins; the file's size when there is none */
export async function startAfter(path: string, after: number): Promise<number> {
  if (after === 0) return 0;
  const size = await fileSize(path);
  let start = size;
  for await (const lines of readLinesBackward(path, { before: size, chunkBytes: blockBytes })) {
    for (const { at, bytes } of lines) {
      const offset = offsetOfLine(bytes);
      if (offset !== undefined && offset <= after) return start;
      start = at;
    }
    if (size - start > endBytes) return findLine(path, offsetOfLine, after);
  }
  return start;
}

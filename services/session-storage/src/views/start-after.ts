import { findLine, readLinesBackward } from "../files/read-lines.ts";
import { fileSize } from "../files/read.ts";
import { offsetOfLine } from "./log-line.ts";

/** Most who ask have seen nearly all: so much of the end is read before the search begins, bytes. */
const endBytes = 131_072;
const blockBytes = 16_384;

export interface Start {
  /** The byte where the first line with a greater offset begins; `size` when there is none. */
  readonly at: number;
  readonly size: number;
  /** The line before that, when it was met on the way. */
  readonly before?: Buffer;
}

/** Where the lines with an offset, or another key that grows along the file, greater than `after` begin. */
export async function startAfter(
  path: string,
  after: number,
  keyOf: (line: Buffer) => number | undefined = offsetOfLine,
): Promise<Start> {
  const size = await fileSize(path);
  if (after === 0 || size === 0) return { at: 0, size };
  let at = size;
  for await (const lines of readLinesBackward(path, { before: size, chunkBytes: blockBytes })) {
    for (const line of lines) {
      const key = keyOf(line.bytes);
      if (key !== undefined && key <= after) return { at, size, before: line.bytes };
      at = line.at;
    }
    if (size - at > endBytes) return { at: await findLine(path, keyOf, after), size };
  }
  return { at, size };
}

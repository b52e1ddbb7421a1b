import { open } from "./calls.ts";
import { whenMissing } from "./errno.ts";
import { defaultChunkBytes, type FileLine, newline, readAt } from "./file-line.ts";
import { fileSize } from "./read.ts";

export type { FileLine } from "./file-line.ts";
export { readLinesBackward } from "./read-lines-backward.ts";

/** Oldest first, from byte `from`, a batch for each chunk that was read; a missing file has no lines. */
export async function* readLines(
  path: string,
  { from = 0, chunkBytes = defaultChunkBytes }: { from?: number; chunkBytes?: number } = {},
): AsyncGenerator<readonly FileLine[], void, undefined> {
  const file = await open(path, "r").catch(whenMissing(undefined));
  if (file === undefined) return;
  try {
    let unfinished: Buffer[] = [];
    let lineAt = from;
    let chunkAt = from;
    for (;;) {
      const chunk = await readAt(file, chunkAt, chunkBytes);
      if (chunk.length === 0) break;
      const lines: FileLine[] = [];
      let begin = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, begin)) {
        const part = chunk.subarray(begin, end);
        const bytes = unfinished.length === 0 ? part : Buffer.concat([...unfinished, part]);
        unfinished = [];
        lines.push({ at: lineAt, bytes, terminated: true });
        begin = end + 1;
        lineAt = chunkAt + begin;
      }
      if (begin < chunk.length) unfinished.push(chunk.subarray(begin));
      chunkAt += chunk.length;
      if (lines.length > 0) yield lines;
    }
    if (unfinished.length > 0)
      yield [{ at: lineAt, bytes: Buffer.concat(unfinished), terminated: false }];
  } finally {
    await file.close();
  }
}

/** Below this many bytes reading on is cheaper than another seek. */
const linearBytes = 65_536;

/**
 * Binary search on bytes; keys never shrink along the file.
 * @param keyOf undefined for a damaged line, which is stepped over
 * @returns the byte where the first line with a key greater than `after` begins; the file's size when there is none
 */
export async function findLine(
  path: string,
  keyOf: (line: Buffer) => number | undefined,
  after: number,
): Promise<number> {
  const size = await fileSize(path);
  /** The answer begins at or after `low`, and before or with the first keyed line after `high`. */
  let low = 0;
  let high = size;
  while (high - low > linearBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const found = await firstKeyed(path, middle, true, high, () => true);
    if (found === undefined || found.key > after) high = middle;
    else low = found.line.at;
  }
  const answer = await firstKeyed(path, low, false, size, (key) => key > after);
  return answer?.line.at ?? size;

  async function firstKeyed(
    file: string,
    from: number,
    skipsFirst: boolean,
    until: number,
    accepts: (key: number) => boolean,
  ): Promise<{ line: FileLine; key: number } | undefined> {
    let skips = skipsFirst;
    for await (const lines of readLines(file, { from, chunkBytes: linearBytes }))
      for (const line of lines) {
        if (line.at >= until) return undefined;
        const key = skips ? undefined : keyOf(line.bytes);
        skips = false;
        if (key !== undefined && accepts(key)) return { line, key };
      }
    return undefined;
  }
}

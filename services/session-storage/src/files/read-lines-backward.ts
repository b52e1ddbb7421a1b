import { open } from "./calls.ts";
import { whenMissing } from "./errno.ts";
import { defaultChunkBytes, type FileLine, newline, readAt } from "./file-line.ts";

/** Newest first, the lines that begin before byte `before` (the file's size); a batch for each block. */
export async function* readLinesBackward(
  path: string,
  { before, chunkBytes = defaultChunkBytes }: { before?: number; chunkBytes?: number } = {},
): AsyncGenerator<readonly FileLine[], void, undefined> {
  const file = await open(path, "r").catch(whenMissing(undefined));
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    const fileEnd = Math.min(before ?? size, size);
    /** Parts of the line whose beginning is not yet read, in file order; its newline is left out. */
    let unfinished: Buffer[] = [];
    let terminated = false;
    let chunkEnd = fileEnd;
    while (chunkEnd > 0) {
      const chunkAt = Math.max(0, chunkEnd - chunkBytes);
      const chunk = await readAt(file, chunkAt, chunkEnd - chunkAt);
      if (chunk.length < chunkEnd - chunkAt) throw new Error(`${path} shrank while it was read`);
      const lines: FileLine[] = [];
      let end = chunk.length;
      for (let at = lastNewline(chunk, end); at !== -1; at = lastNewline(chunk, at)) {
        const bytes = Buffer.concat([chunk.subarray(at + 1, end), ...unfinished]);
        if (bytes.length > 0 || terminated) lines.push({ at: chunkAt + at + 1, bytes, terminated });
        unfinished = [];
        terminated = true;
        end = at;
      }
      if (end > 0) unfinished.unshift(chunk.subarray(0, end));
      chunkEnd = chunkAt;
      if (chunkAt === 0 && (unfinished.length > 0 || terminated))
        lines.push({ at: 0, bytes: Buffer.concat(unfinished), terminated });
      if (lines.length > 0) yield lines;
    }
  } finally {
    await file.close();
  }
}

function lastNewline(chunk: Buffer, end: number): number {
  return end === 0 ? -1 : chunk.lastIndexOf(newline, end - 1);
}

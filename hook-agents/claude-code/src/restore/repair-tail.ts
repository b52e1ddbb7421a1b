import { open, writeFile } from "node:fs/promises";

import { parseEntry } from "../transcripts/parse-entry.ts";
import { readLines } from "../transcripts/read-lines.ts";

/**
 * A writer that was killed leaves a line without its end, and the CLI would write the next one into it. What can't
 * be read is cut, and kept beside the file.
 * @returns where the bytes that were cut are, undefined when nothing was
 */
export async function repairTail(path: string, at: Date): Promise<string | undefined> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    let whole = 0;
    for await (const { end } of readLines(file, 0, size)) whole = end;
    if (whole === size) return undefined;
    const tail = Buffer.alloc(size - whole);
    await file.read(tail, 0, tail.length, whole);
    if (parseEntry(tail.toString())) {
      await file.write("\n", size);
      return undefined;
    }
    const kept = `${path}.torn-${at.toISOString().replaceAll(/[:.]/g, "-")}`;
    await writeFile(kept, tail, { mode: 0o600 });
    await file.truncate(whole);
    await file.sync();
    return kept;
  } finally {
    await file.close();
  }
}

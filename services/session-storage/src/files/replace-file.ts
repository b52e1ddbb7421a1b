import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { open } from "./calls.ts";
import { syncDirectory } from "./directory.ts";
import { isDiskFull, storageFull } from "./errno.ts";
import { writeWhole } from "./open-file.ts";

const pieceBytes = 262_144;

/**
 * Readers see the old content or the new, never a part. With `sync` a power cut does too.
 * Throws `storage_full`; the old content then stands.
 */
export async function replaceFile(
  path: string,
  text: string | Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
  { sync }: { sync: boolean },
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      for await (const piece of pieces(typeof text === "string" ? [text] : text))
        await writeWhole(file, piece);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw isDiskFull(error) ? storageFull(error) : error;
  }
  if (sync) await syncDirectory(dirname(path));
}

async function* pieces(
  text: Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const part of text) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes < pieceBytes) continue;
    yield Buffer.concat(held);
    held = [];
    heldBytes = 0;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

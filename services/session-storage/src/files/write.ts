import { join } from "node:path";

import { open } from "./calls.ts";
import { syncDirectory } from "./directory.ts";
import { isDiskFull, storageFull } from "./errno.ts";
import { readAt } from "./file-line.ts";
import { withFile, writeWhole } from "./open-file.ts";

export { makeDirectory, moveDurably, removeTree, syncDirectory } from "./directory.ts";
export {
  diskSpace,
  fileAgeMs,
  fileSize,
  listDirectory,
  listTree,
  readTextIfExists,
} from "./read.ts";
export { replaceFile } from "./replace-file.ts";

/**
 * Makes the file when it is missing. Throws `storage_full`; the file then has its old size.
 * @returns the size after it, in bytes
 */
export async function appendBytes(path: string, bytes: Buffer): Promise<{ size: number }> {
  const file = await open(path, "a");
  try {
    const { size } = await file.stat();
    try {
      await writeWhole(file, bytes);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      await file.truncate(size);
      throw storageFull(error);
    }
    return { size: size + bytes.length };
  } finally {
    await file.close();
  }
}

/** Cuts the file to `size` bytes; durable. */
export async function truncateFile(path: string, size: number): Promise<void> {
  await withFile(path, "r+", async (file) => {
    await file.truncate(size);
    await file.sync();
  });
}

/** Writes what is there from byte `from` on once more, in pieces; durable. */
export async function rewriteBytes(path: string, from: number, pieceSize: number): Promise<void> {
  await withFile(path, "r+", async (file) => {
    let at = from;
    for (;;) {
      const bytes = await readAt(file, at, pieceSize);
      if (bytes.length === 0) break;
      const { bytesWritten } = await file.write(bytes, 0, bytes.length, at);
      if (bytesWritten < bytes.length) throw storageFull();
      at += bytes.length;
    }
    await file.sync();
  });
}

export async function syncFile(path: string): Promise<void> {
  await withFile(path, "r", (file) => file.sync());
}

/** Keeps bytes that were damaged: appends them to `name` in `directory`; durable. */
export async function setAside(directory: string, name: string, bytes: Buffer): Promise<void> {
  const path = join(directory, name);
  await appendBytes(path, bytes);
  await syncFile(path);
  await syncDirectory(directory);
}

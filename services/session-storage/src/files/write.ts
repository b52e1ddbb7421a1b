import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { syncDirectory } from "./directory.ts";
import { isDiskFull, storageFull } from "./errno.ts";
import { readAt } from "./file-line.ts";

export { makeDirectory, moveDurably, removeTree, syncDirectory } from "./directory.ts";
export { fileAgeMs, fileSize, listDirectory, readTextIfExists } from "./read.ts";

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

/** Throws `storage_full` when not all bytes went in: Node reports a short write as success. */
export async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, null);
  if (bytesWritten < bytes.length) throw storageFull();
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
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

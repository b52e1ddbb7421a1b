import { statfs } from "node:fs/promises";
import { join, relative } from "node:path";

import { open, readNames, readText, readTree, stat } from "./calls.ts";
import { whenMissing } from "./errno.ts";
import { readAt } from "./file-line.ts";

export function readTextIfExists(path: string): Promise<string | undefined> {
  return readText(path).catch(whenMissing(undefined));
}

/** Names in no particular order; none when the folder is missing. */
export function listDirectory(path: string): Promise<string[]> {
  return readNames(path).catch(whenMissing([]));
}

/** Paths of all files in a folder and in those below it, relative to it; none when it is missing. */
export async function listTree(path: string): Promise<string[]> {
  const found = await readTree(path).catch(whenMissing([]));
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)));
}

/** Bytes; 0 when the file is missing. */
export async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch(whenMissing(undefined));
  return found?.size ?? 0;
}

/** From byte `from` up to, not including, byte `to`. */
export async function readBytes(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    return await readAt(file, from, to - from);
  } finally {
    await file.close();
  }
}

/** Since the file or folder was last changed, ms; a rename counts. 0 when it is missing. */
export async function fileAgeMs(path: string): Promise<number> {
  const found = await stat(path).catch(whenMissing(undefined));
  return found === undefined ? 0 : Date.now() - found.ctimeMs;
}

/** Of the file system that holds `path`, bytes. */
export async function diskSpace(path: string): Promise<{ freeBytes: number; totalBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

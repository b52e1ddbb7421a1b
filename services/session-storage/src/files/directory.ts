import { rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { mkdir, open } from "./calls.ts";
import { whenMissing } from "./errno.ts";

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** With all folders above it that are missing; durable unless a later checkpoint sees to that. */
export async function makeDirectory(path: string, { sync = true } = {}): Promise<void> {
  const wanted = resolve(path);
  const firstMade = await mkdir(wanted);
  if (firstMade === undefined || !sync) return;
  for (let made = wanted; ; made = dirname(made)) {
    await syncDirectory(dirname(made));
    if (made === firstMade || made === dirname(made)) return;
  }
}

/** A rename within the volume, durable in both folders. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
  if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from));
}

/** A file or a folder with all in it; durable. A missing one is none to remove. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await syncDirectory(dirname(path)).catch(whenMissing(undefined));
}

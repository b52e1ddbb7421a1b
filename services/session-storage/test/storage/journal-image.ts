import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { SessionEvent } from "../../src/domain/event.ts";
import type { FileJournalOptions } from "../../src/journal/file/file-journal.ts";
import { createJournalFolder, type JournalFolder } from "./journal-folder.ts";

/** The bytes of each segment by file name. */
export type JournalImage = Map<string, Buffer>;

/** Appends one after another and takes the bytes as a crash right after would leave them, or after a close. */
export async function makeImage(
  appends: readonly (readonly SessionEvent[])[],
  { closes, ...options }: Partial<FileJournalOptions> & { closes: boolean },
): Promise<JournalImage> {
  const folder = await createJournalFolder();
  const journal = await folder.open({ idleWatermarkMs: 60_000, ...options });
  for (const events of appends) await journal.append(events);
  if (closes) await journal.close();
  return readImage(folder.directory);
}

export async function readImage(directory: string): Promise<JournalImage> {
  const names = (await readdir(directory)).toSorted();
  const image: JournalImage = new Map();
  for (const name of names) image.set(name, await readFile(join(directory, name)));
  return image;
}

export async function folderWith(image: JournalImage): Promise<JournalFolder> {
  const folder = await createJournalFolder();
  await mkdir(folder.directory);
  for (const [name, bytes] of image) await writeFile(join(folder.directory, name), bytes);
  return folder;
}

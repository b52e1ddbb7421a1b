import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { type FileJournalOptions, openFileJournal } from "../../src/journal/file/file-journal.ts";
import type { Journal } from "../../src/journal/journal.ts";

interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly fields: unknown;
  readonly message: string;
}

export interface JournalFolder {
  readonly root: string;
  readonly directory: string;
  readonly quarantine: string;
  readonly lines: readonly LogLine[];
  /** Ends with the next line that has this message. */
  logged(message: string): Promise<LogLine>;
  /** Where the segment with this first position is. */
  segment(first: number): string;
  /** What a test opens it closes when it ends. */
  open(options?: Partial<FileJournalOptions>): Promise<Journal>;
}

/** Memory, where the machine offers it: what these tests prove does not need a disk, and they open thousands of journals. */
const temporary = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export async function createJournalFolder(root?: string): Promise<JournalFolder> {
  const folder = root ?? (await mkdtemp(join(temporary, "journal-")));
  const directory = join(folder, "journal");
  const quarantine = join(folder, "quarantine");
  const lines: LogLine[] = [];
  const logging = new EventEmitter();
  const logAs = (level: LogLine["level"]) => (fields: unknown, message?: string) => {
    const line = { level, fields, message: message ?? "" };
    lines.push(line);
    logging.emit(line.message, line);
  };
  if (root === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }));

  return {
    root: folder,
    directory,
    quarantine,
    lines,
    async logged(message) {
      const [line] = (await once(logging, message)) as [LogLine];
      return line;
    },
    segment: (first) => join(directory, `${String(first).padStart(16, "0")}.log`),
    async open(options = {}) {
      const journal = await openFileJournal({
        directory,
        quarantine,
        durability: "fsync",
        retainBytes: 0,
        ballastPath: join(folder, "ballast"),
        ballastBytes: 4096,
        log: { info: logAs("info"), warn: logAs("warn"), error: logAs("error") },
        ...options,
      });
      onTestFinished(() => journal.close());
      return journal;
    },
  };
}

/** What stands in the quarantine under names that begin so, one after another; nothing is an empty buffer. */
export async function keptBytes(folder: JournalFolder, prefix: string): Promise<Buffer> {
  const names = (await readdir(folder.quarantine)).filter((name) => name.startsWith(prefix));
  const byPlace = names.toSorted((a, b) => placeOf(a) - placeOf(b));
  return Buffer.concat(
    await Promise.all(byPlace.map((name) => readFile(join(folder.quarantine, name)))),
  );
}

function placeOf(name: string): number {
  return Number(name.slice(name.lastIndexOf("-") + 1));
}

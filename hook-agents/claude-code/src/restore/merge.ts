import { randomBytes } from "node:crypto";
import { copyFile, type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { contentKeyOf, newAnchor, nextLineId } from "../transcripts/line-id.ts";
import { parseEntry } from "../transcripts/parse-entry.ts";
import type { Place } from "../transcripts/place.ts";
import { readLines } from "../transcripts/read-lines.ts";
import { createLineWriter } from "./line-writer.ts";
import { repairTail } from "./repair-tail.ts";

export interface MergeOptions {
  /** Of the transcript on this machine. */
  readonly path: string;
  readonly place: Place;
  /** Of the service, oldest first. */
  readonly lines: AsyncIterable<string>;
  /** A line that stands here and that the service lacks. */
  readonly onOwn: (entry: Record<string, unknown>, id: string | undefined) => Promise<void>;
}

export interface Merged {
  /** Entries that the service has, without notes. */
  readonly entries: number;
  /** Of them, lines that were not here; and lines here that the service lacks. */
  readonly added: number;
  readonly own: number;
  /** The last note about the subagent, and all there were, as texts. */
  readonly notes: readonly string[];
  /** Where the torn end of the file here was put aside. */
  readonly torn?: string;
}

type Counts = Map<string, number>;

/**
 * Makes a transcript here what the service has and what stands here already: nothing that is here goes, what is
 * missing comes behind it. The file is whole at any time.
 */
export async function mergeTranscript(options: MergeOptions): Promise<Merged> {
  const { path } = options;
  const incoming = `${path}.${randomBytes(4).toString("hex")}.incoming`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const { stored, notes } = await receive(options.lines, incoming);
    const entries = [...stored.values()].reduce((sum, count) => sum + count, 0);
    if (!(await stat(path).catch(() => undefined))) {
      if (entries > 0) await rename(incoming, path);
      return { entries, added: entries, own: 0, notes };
    }
    const torn = await repairTail(path, new Date());
    const { present, own } = await compare(options, stored);
    const missing = entries - [...present.values()].reduce((sum, count) => sum + count, 0);
    if (missing > 0) await append(path, incoming, present);
    return { entries, added: missing, own, notes, ...(torn !== undefined && { torn }) };
  } finally {
    await rm(incoming, { force: true });
  }
}

async function receive(lines: AsyncIterable<string>, incoming: string) {
  const stored: Counts = new Map();
  const notes: string[] = [];
  const file = await open(incoming, "wx", 0o600);
  try {
    const writer = createLineWriter(file);
    for await (const line of lines) {
      const entry = parseEntry(line) ?? {};
      const { type, ...note } = entry;
      if (type === "agent_metadata") {
        notes.push(JSON.stringify(note));
        continue;
      }
      increase(stored, contentKeyOf(entry), 1);
      await writer.write(line);
    }
    await writer.end();
  } finally {
    await file.close();
  }
  return { stored, notes };
}

/** @returns how often what the service has is here */
async function compare({ path, place, onOwn }: MergeOptions, stored: Counts) {
  const present: Counts = new Map();
  const anchor = newAnchor();
  let own = 0;
  for await (const line of linesOfFile(path)) {
    const entry = parseEntry(line);
    if (!entry) continue;
    const id = nextLineId(anchor, place, entry);
    const key = contentKeyOf(entry);
    if ((present.get(key) ?? 0) < (stored.get(key) ?? 0)) {
      increase(present, key, 1);
      continue;
    }
    own += 1;
    await onOwn(entry, id);
  }
  return { present, own };
}

async function append(path: string, incoming: string, present: Counts): Promise<void> {
  const merged = `${incoming}.merged`;
  try {
    await copyFile(path, merged);
    const file = await open(merged, "a", 0o600);
    try {
      const writer = createLineWriter(file);
      for await (const line of linesOfFile(incoming)) {
        const key = contentKeyOf(parseEntry(line) ?? {});
        if ((present.get(key) ?? 0) > 0) increase(present, key, -1);
        else await writer.write(line);
      }
      await writer.end();
    } finally {
      await file.close();
    }
    await rename(merged, path);
  } finally {
    await rm(merged, { force: true });
  }
}

function increase(counts: Counts, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

async function* linesOfFile(path: string): AsyncGenerator<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    for await (const { text } of readLines(file, 0, size)) yield text;
  } finally {
    await file?.close();
  }
}

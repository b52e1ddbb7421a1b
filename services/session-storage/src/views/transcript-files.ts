import { dirname } from "node:path";

import type { SessionId } from "@sessions/contract";

import type { SessionEvent } from "../domain/event.ts";
import { type TranscriptFile, isDeletedWith } from "../domain/transcripts.ts";
import { type FileLine, readLines } from "../files/read-lines.ts";
import { listTree, makeDirectory, removeTree, replaceFile } from "../files/write.ts";
import type { Layout } from "./layout.ts";
import { erasedLine, offsetOfLine } from "./log-line.ts";

/** A deletion of transcripts that the files do not show yet. */
export type Erasure = Pick<
  Extract<SessionEvent, { type: "transcript_deleted" }>,
  "offset" | "data"
>;

/** Every transcript of a session, what is left of deleted ones included. */
export async function listTranscriptFiles(
  layout: Layout,
  sessionId: SessionId,
): Promise<TranscriptFile[]> {
  const names = await listTree(layout.session(sessionId).transcripts);
  return names.flatMap((name) => {
    const file = /^(.+)\.jsonl$/.exec(name)?.[1];
    return file === undefined || isTemporary(name) ? [] : [`transcripts/${file}` as const];
  });
}

const isTemporary = (name: string) => name.endsWith(".tmp");

/**
 * Empties the entries of a deleted transcript but keeps their places, so that the history has no holes.
 * Lines after the deletion belong to a new transcript of the name and stay. Doing it again changes nothing.
 */
export async function eraseTranscripts(
  layout: Layout,
  sessionId: SessionId,
  { offset, data }: Erasure,
): Promise<void> {
  for (const file of await listTranscriptFiles(layout, sessionId)) {
    if (!isDeletedWith(file, data)) continue;
    const path = layout.session(sessionId).log(file);
    const rest = await placeOfOffset(path, offset);
    if (rest === 0) continue;
    const erased = layout.erased(sessionId, file, offset);
    await makeDirectory(dirname(erased));
    await replaceFile(erased, erasedLines(erased, path, rest), { sync: true });
    if (rest === undefined) await removeTree(path);
    else await replaceFile(path, linesFrom(path, rest), { sync: true });
  }
}

/** The byte of the first line after `offset`; undefined when there is none. */
async function placeOfOffset(path: string, offset: number): Promise<number | undefined> {
  for await (const lines of readLines(path))
    for (const { at, bytes } of lines) if ((offsetOfLine(bytes) ?? 0) > offset) return at;
  return undefined;
}

/** What an interrupted deletion has erased already, then what the file still has up to `end`. */
async function* erasedLines(
  erased: string,
  path: string,
  end: number | undefined,
): AsyncGenerator<Buffer> {
  let last = 0;
  for await (const { bytes } of wholeLines(erased, 0)) {
    last = offsetOfLine(bytes) ?? last;
    yield terminated(bytes);
  }
  for await (const { at, bytes } of wholeLines(path, 0)) {
    if (end !== undefined && at >= end) return;
    const line = (offsetOfLine(bytes) ?? 0) > last ? erasedLine(bytes) : undefined;
    if (line !== undefined) yield line;
  }
}

async function* linesFrom(path: string, from: number): AsyncGenerator<Buffer> {
  for await (const { bytes } of wholeLines(path, from)) yield terminated(bytes);
}

async function* wholeLines(path: string, from: number): AsyncGenerator<FileLine> {
  for await (const lines of readLines(path, { from }))
    for (const line of lines) if (line.terminated) yield line;
}

const terminated = (line: Buffer) => Buffer.concat([line, Buffer.from("\n")]);

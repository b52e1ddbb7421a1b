import { createHash } from "node:crypto";

import type { EntryInput } from "@sessions/contract";

import type { SessionEvent } from "./event.ts";

/** A transcript's file, without its extension; it looks like its name on the wire. */
export type TranscriptFile = `transcripts/${string}`;

/** What is known of one transcript without reading it. */
export interface Transcript {
  /** Entries so far. */
  readonly seq: number;
  /** When the service took the last one, ISO 8601. */
  readonly updatedAt: string;
  /** What a client folded of the first `seq` entries. */
  readonly summary?: { readonly data: Record<string, unknown>; readonly seq: number };
}

/** By file; `transcripts/` before each name keeps them clear of what every JavaScript object has. */
export interface Transcripts {
  readonly files: Readonly<Record<TranscriptFile, Transcript>>;
  /** The offset of the last deletion: what is appended later is another transcript. */
  readonly deletions: Readonly<Record<TranscriptFile, number>>;
}

export const noTranscripts: Transcripts = { files: {}, deletions: {} };

export interface TranscriptPlace {
  readonly projectKey: string;
  /** null: the main transcript. */
  readonly subpath?: string | null | undefined;
}

export function transcriptFileOf({ projectKey, subpath }: TranscriptPlace): TranscriptFile {
  return `transcripts/${projectKey}${subpath ? `/${subpath}` : ""}`;
}

export function placeOf(file: TranscriptFile): { projectKey: string; subpath: string | null } {
  const [, projectKey = "", ...names] = file.split("/");
  return { projectKey, subpath: names.length === 0 ? null : names.join("/") };
}

/** The transcripts that go with the deletion of one: the main one takes along those below it. */
export function isDeletedWith(file: TranscriptFile, place: TranscriptPlace): boolean {
  const named = transcriptFileOf(place);
  return file === named || (!place.subpath && file.startsWith(`${named}/`));
}

/**
 * An entry with a `uuid` is known by it, in its transcript and until that is deleted; one without
 * by the command's id, until then too: whoever imports it again gives it the same one.
 */
export function entryIdOf(
  { deletions }: Transcripts,
  input: EntryInput,
  commandId: string | undefined,
): string | undefined {
  const file = transcriptFileOf(input);
  const main = transcriptFileOf({ projectKey: input.projectKey });
  const life = Math.max(deletions[file] ?? 0, deletions[main] ?? 0);
  const uuid = input.entry["uuid"];
  if (typeof uuid === "string") return hashedId("entry", file, life, uuid);
  return commandId === undefined || life === 0 ? commandId : hashedId("again", life, commandId);
}

/** A short id of parts that may be long or hold any character. */
export function hashedId(kind: string, ...parts: readonly (string | number)[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
  return `${kind}:${hash.slice(0, 27)}`;
}

export function foldTranscripts(before: Transcripts, event: SessionEvent): Transcripts {
  switch (event.type) {
    case "transcript_entry": {
      const { data, timestamp: updatedAt } = event;
      const file = transcriptFileOf(data);
      const next = { ...before.files[file], seq: data.seq, updatedAt };
      return { ...before, files: { ...before.files, [file]: next } };
    }
    case "transcript_summarized": {
      const file = transcriptFileOf(event.data);
      const known = before.files[file];
      if (known === undefined) return before;
      const next = { ...known, summary: event.data.summary };
      return { ...before, files: { ...before.files, [file]: next } };
    }
    case "transcript_deleted": {
      const kept = Object.entries(before.files).filter(
        ([file]) => !isDeletedWith(file as TranscriptFile, event.data),
      );
      const deletions = { ...before.deletions, [transcriptFileOf(event.data)]: event.offset };
      return { files: Object.fromEntries(kept), deletions };
    }
    default:
      return before;
  }
}

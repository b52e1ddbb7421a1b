import { type EntryInput, type TranscriptSummary, limits } from "@sessions/contract";

import { ServiceError } from "./errors.ts";
import type { EventDraft } from "./event.ts";
import {
  type TranscriptFile,
  type Transcripts,
  isDeletedWith,
  transcriptFileOf,
} from "./transcripts.ts";

export function appendEntry(
  { files }: Transcripts,
  { projectKey, subpath = null, entry }: EntryInput,
): EventDraft[] {
  const known = files[transcriptFileOf({ projectKey, subpath })];
  if (known === undefined && Object.keys(files).length >= limits.transcripts) {
    const detail = `a session has at most ${limits.transcripts} transcripts (transcripts)`;
    throw new ServiceError("payload_too_large", detail);
  }
  const seq = (known?.seq ?? 0) + 1;
  return [{ type: "transcript_entry", data: { seq, projectKey, subpath, entry } }];
}

/** Refuses unless it goes on from the summary that is kept, so that of two who fold at a time one begins anew. */
export function summarize(
  { files }: Transcripts,
  { projectKey, summary, base }: { projectKey: string; summary: TranscriptSummary; base: number },
): EventDraft[] {
  const transcript = files[transcriptFileOf({ projectKey })];
  if (transcript === undefined)
    throw new ServiceError("transcript_not_found", `no main transcript in ${projectKey}`);
  const kept = transcript.summary?.seq ?? 0;
  if (base !== kept) {
    const detail = `the summary that is kept covers ${kept} entries, not ${base}`;
    throw new ServiceError("version_mismatch", detail, { members: { seq: kept } });
  }
  const size = JSON.stringify(summary.data).length;
  if (size > limits.summaryBytes) {
    const detail = `the summary has ${size} bytes; the limit is ${limits.summaryBytes} (summaryBytes)`;
    throw new ServiceError("payload_too_large", detail);
  }
  if (summary.seq > transcript.seq) {
    const message = `must be at most ${transcript.seq}, the entries of the transcript`;
    throw new ServiceError("invalid_content", `/seq ${message}`, {
      errors: [{ field: "/seq", message }],
    });
  }
  return [{ type: "transcript_summarized", data: { projectKey, summary } }];
}

/** Nothing to delete is no refusal: the caller wants it gone. */
export function deleteTranscript(
  { files }: Transcripts,
  { projectKey, subpath }: { projectKey: string; subpath: string | null },
): EventDraft[] {
  const place = { projectKey, subpath };
  const isThere = Object.keys(files).some((file) => isDeletedWith(file as TranscriptFile, place));
  return isThere ? [{ type: "transcript_deleted", data: place }] : [];
}

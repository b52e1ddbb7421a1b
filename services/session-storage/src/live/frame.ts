import { type ControlFrame, type EventType, type SessionId, limits } from "@sessions/contract";

import type { JournalEntry } from "../journal/journal.ts";
import type { StoredLine } from "../views/log-line.ts";
import { previewOf } from "./preview.ts";

/** UTF-8 of a UTF-16 code unit. */
const maxBytesPerUnit = 3;

/** An event as it goes over the wire, whether it comes from the journal or from the files. */
export interface EventFrame {
  readonly sessionId: SessionId;
  readonly type: EventType;
  readonly offset: number;
  readonly position: number;
  /** JSON text, made once for all subscribers. */
  readonly text: string;
  /** The same with data of at most 16 KiB, 2 KiB of an entry of a transcript. */
  preview(): string;
}

interface EventParts {
  sessionId: SessionId;
  type: EventType;
  offset: number;
  position: number;
  timestamp: string;
  json: string;
}

function frame({ sessionId, type, offset, position, timestamp, json }: EventParts): EventFrame {
  const head = `{"type":"${type}","sessionId":"${sessionId}","offset":${offset},"position":${position},"timestamp":"${timestamp}","data":`;
  const text = `${head}${json}}`;
  let preview: string | undefined;
  return {
    sessionId,
    type,
    offset,
    position,
    text,
    preview() {
      const isEntry = type === "transcript_entry";
      const maxBytes = isEntry ? limits.entryPreviewBytes : limits.previewBytes;
      if (json.length <= maxBytes / maxBytesPerUnit) return text;
      const fullBytes = Buffer.byteLength(json);
      if (fullBytes <= maxBytes) return text;
      preview ??= `${head}${previewOf(json, maxBytes)},"fullBytes":${fullBytes}}`;
      return preview;
    },
  };
}

export function frameOfEntry({ position, event }: JournalEntry): EventFrame {
  return frame({ ...event, position });
}

export function frameOfLine(sessionId: SessionId, line: StoredLine): EventFrame {
  return frame({ ...line, sessionId, json: line.data });
}

export function controlText(control: ControlFrame): string {
  return JSON.stringify(control);
}

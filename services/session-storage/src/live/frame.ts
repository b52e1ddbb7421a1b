import type { ControlFrame, EventType, SessionId } from "@sessions/contract";

import type { JournalEntry } from "../journal/journal.ts";
import type { StoredLine } from "../views/log-line.ts";

/** An event as it goes over the wire, whether it comes from the journal or from the files. */
export interface EventFrame {
  readonly sessionId: SessionId;
  readonly type: EventType;
  readonly offset: number;
  readonly position: number;
  /** JSON text, made once for all subscribers. */
  readonly text: string;
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
  const text = `{"type":"${type}","sessionId":"${sessionId}","offset":${offset},"position":${position},"timestamp":"${timestamp}","data":${json}}`;
  return { sessionId, type, offset, position, text };
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

import type { EventType, SessionId } from "@sessions/contract";

import { type SessionEvent, createEvent } from "../domain/event.ts";
import type { LogFile } from "../domain/session.ts";
import { openLine, sealLine } from "../files/line.ts";
import type { JournalEntry } from "../journal/journal.ts";

/**
 * A line of a session's file. Records: `{"offset","seq","id"?,"timestamp","type",…}` as the client
 * sent them; all others: `{"offset","seq","id"?,"type","timestamp","data"}`. Both end in `_t` (when the
 * service took it, where the record's own timestamp is another), `_p` (position) and `_c` (CRC-32).
 */
export interface StoredLine {
  readonly offset: number;
  readonly seq: number;
  readonly position: number;
  readonly id: string | undefined;
  readonly type: EventType;
  readonly timestamp: string;
  /** The event's data as JSON text. */
  readonly data: string;
  /** The line as JSON text without the members that start with an underscore. */
  readonly text: string;
}

const isRecordLog = (file: LogFile) => file === "actions" || file === "responses";

/** @param seq line number in the file; a record carries its own */
export function formatLine({ position, event }: JournalEntry, file: LogFile, seq: number): Buffer {
  const { offset, id, type, timestamp, json } = event;
  if (!isRecordLog(file)) {
    const idMember = id === undefined ? "" : `,"id":"${id}"`;
    return sealLine(
      `{"offset":${offset},"seq":${seq}${idMember},"type":"${type}","timestamp":"${timestamp}","data":${json},"_p":${position}`,
    );
  }
  const sent = type === "action" || type === "response" ? event.data.timestamp : undefined;
  const taken = sent === timestamp ? "" : `,"_t":"${timestamp}"`;
  return sealLine(`{"offset":${offset},${json.slice(1, -1)}${taken},"_p":${position}`);
}

const trailer = /(?:,"_t":"([^"]+)")?,"_p":(\d+),"_c":"[0-9a-f]{8}"\}$/;
const recordHead = /^\{"offset":(\d+),(?="seq":(\d+)(?:,"id":"([^"]+)")?,"timestamp":"([^"]+)")/;
const changeHead =
  /^\{"offset":(\d+),"seq":(\d+)(?:,"id":"([^"]+)")?,"type":"([a-z_]+)","timestamp":"([^"]+)","data":/;

/** @returns undefined for a line that is damaged */
export function parseLine(bytes: Buffer, file: LogFile): StoredLine | undefined {
  const sealed = openLine(bytes);
  // The longest trailer has some 90 characters: no need to search a record of a megabyte for it.
  const tail = sealed === undefined ? null : trailer.exec(sealed.slice(-128));
  if (sealed === undefined || tail === null) return undefined;
  const body = sealed.slice(0, sealed.length - tail[0].length);
  const position = Number(tail[2]);
  const text = `${body}}`;
  if (!isRecordLog(file)) {
    const [head, offset, seq, id, type, timestamp] = changeHead.exec(body) ?? [];
    if (head === undefined || timestamp === undefined) return undefined;
    return {
      offset: Number(offset),
      seq: Number(seq),
      position,
      id,
      type: type as EventType,
      timestamp,
      data: body.slice(head.length),
      text,
    };
  }
  const [head, offset, seq, id, sent] = recordHead.exec(body) ?? [];
  if (head === undefined || sent === undefined) return undefined;
  return {
    offset: Number(offset),
    seq: Number(seq),
    position,
    id,
    type: file === "actions" ? "action" : "response",
    timestamp: tail[1] ?? sent,
    data: `{${body.slice(head.length)}}`,
    text,
  };
}

/** The key by which a file is searched; undefined for a damaged line. */
export function offsetOfLine(bytes: Buffer): number | undefined {
  const offset = /^\{"offset":(\d+),/.exec(openLine(bytes)?.slice(0, 32) ?? "")?.[1];
  return offset === undefined ? undefined : Number(offset);
}

/** The place of an entry in its transcript; undefined for a damaged line. */
export function seqOfLine(bytes: Buffer): number | undefined {
  const seq = /^\{"offset":\d+,"seq":(\d+),/.exec(openLine(bytes)?.slice(0, 64) ?? "")?.[1];
  return seq === undefined ? undefined : Number(seq);
}

const entryKey = ',"entry":';

/** The entry of a transcript's line, as JSON text. Before it stand only names that need no escaping. */
export function entryTextOf({ data }: StoredLine): string {
  return data.slice(data.indexOf(entryKey) + entryKey.length, -1);
}

/** A transcript's line without its entry; undefined for a damaged one. */
export function erasedLine(bytes: Buffer): Buffer | undefined {
  const line = parseLine(bytes, "transcripts/");
  if (line === undefined) return undefined;
  const { text, data, position } = line;
  const head = text.slice(0, text.length - data.length - 1);
  const place = data.slice(0, data.indexOf(entryKey));
  return sealLine(`${head}${place}${entryKey}null},"_p":${position}`);
}

export function toEvent(sessionId: SessionId, line: StoredLine): SessionEvent {
  const { offset, id, type, timestamp, data: json } = line;
  return createEvent({ sessionId, offset, id, type, timestamp, data: JSON.parse(json), json });
}

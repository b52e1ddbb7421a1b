import type { EventType, SessionId } from "@sessions/contract";

import { type SessionEvent, createEvent } from "../../domain/event.ts";
import { matchesAt, sealLine } from "../../files/line.ts";
import type { JournalEntry, Position } from "../journal.ts";

/*
 * An event:   {"position":7,"sessionId":"s","offset":3,"type":"action","id":"…","timestamp":"…","more":2,"data":{…},"_d":5,"_c":"0a1b2c3d"}
 *             `id` only when the client sent one; `more` lines of the same append follow, left out when 0
 * A watermark: {"position":7,"watermark":true,"_d":7,"_c":"0a1b2c3d"}
 *             takes no position: it repeats the last one and says that everything up to it is durable
 * `data` stands last before the trailers, so that its text can be cut out as it was sent.
 */
const head = '{"position":';
const dataKey = ',"data":';
const moreKey = ',"more":';
const watermarkKey = ',"_d":';
/** `,"_c":"` + 8 hex digits + `"}` */
const checksumBytes = 17;
const quote = 0x22;
const zero = 0x30;
const nine = 0x39;

export function eventLine(
  position: Position,
  event: SessionEvent,
  more: number,
  durable: Position,
): Buffer {
  const id = event.id === undefined ? "" : `,"id":${JSON.stringify(event.id)}`;
  const group = more === 0 ? "" : `${moreKey}${more}`;
  return sealLine(
    `${head}${position},"sessionId":"${event.sessionId}","offset":${event.offset},"type":"${event.type}"${id},"timestamp":"${event.timestamp}"${group}${dataKey}${onOneLine(event.json)}${watermarkKey}${durable}`,
  );
}

export function watermarkLine(durable: Position): Buffer {
  return sealLine(`${head}${durable},"watermark":true${watermarkKey}${durable}`);
}

export interface LineHead {
  readonly position: Position;
  readonly durable: Position;
  readonly more: number;
  readonly isWatermark: boolean;
}

/** What recovery needs of a whole line, without parsing it; undefined when it is no line of a journal. */
export function readHead(line: Buffer): LineHead | undefined {
  if (!matchesAt(line, 0, head)) return undefined;
  let at = head.length;
  while (isDigit(line[at])) at += 1;
  const position = numberBefore(line, at);
  const durable = numberBefore(line, line.length - checksumBytes);
  if (matchesAt(line, at, ',"watermark"')) return { position, durable, more: 0, isWatermark: true };
  const dataAt = line.indexOf(dataKey, at);
  if (dataAt === -1) return undefined;
  // The timestamp's quote: no `more`.
  const more = line[dataAt - 1] === quote ? 0 : numberBefore(line, dataAt);
  return { position, durable, more, isWatermark: false };
}

/** @param text of a whole event line */
export function readEntry(text: string): JournalEntry {
  // The first one is the line's own: within a string its quotes would be escaped.
  const dataAt = text.indexOf(dataKey);
  const json = text.slice(dataAt + dataKey.length, text.lastIndexOf(watermarkKey));
  const line = JSON.parse(`${text.slice(0, dataAt)}}`) as {
    position: Position;
    sessionId: SessionId;
    offset: number;
    type: EventType;
    id?: string;
    timestamp: string;
  };
  const { sessionId, offset, type, id, timestamp } = line;
  const data: unknown = JSON.parse(json);
  const event = createEvent({ sessionId, offset, type, id, timestamp, data, json });
  return { position: line.position, event };
}

/** In JSON a bare line break can only be white space between tokens. */
function onOneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replaceAll(/[\r\n]/g, " ") : json;
}

function numberBefore(line: Buffer, end: number): number {
  let value = 0;
  let scale = 1;
  for (let at = end - 1; isDigit(line[at]); at -= 1) {
    value += scale * ((line[at] ?? zero) - zero);
    scale *= 10;
  }
  return value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

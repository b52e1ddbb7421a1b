import type { Receipt } from "./api.ts";
import { createFate, type Fate, type Place } from "./fate.ts";
import { countLines, type Segment } from "./segment.ts";
import type { Spool } from "./spool.ts";

const lineFeed = 10;

/** A segment in the queue and how far it has been sent. */
export interface Entry {
  segment: Segment;
  readonly spool: Spool | null;
  readonly fate: Fate;
  /** The places of the segment's lines, when they are no longer simply all the lines of `fate`. */
  places: Place[] | null;
  sentBytes: number;
  sentLines: number;
  /** Lines that the service has refused and that wait to be passed over. */
  readonly refused: Set<number>;
  /** How much the entry has given up so far to make room. */
  relief: "none" | "shortened" | "stripped";
}

/** The next lines to send. */
export interface Batch {
  readonly entry: Entry;
  /** Without the refused lines. */
  readonly body: Buffer;
  readonly records: number;
  /** What an acknowledgement covers. */
  readonly bytes: number;
  /** Line numbers in the segment, in the order of the body. */
  readonly lineNumbers: readonly number[];
  readonly endLine: number;
}

export function createEntry(segment: Segment, spool: Spool | null, sentBytes = 0): Entry {
  const sentLines = sentBytes === 0 ? 0 : countLines(segment.read(0, sentBytes));
  return {
    segment,
    spool,
    fate: createFate(),
    places: null,
    sentBytes,
    sentLines,
    refused: new Set(),
    relief: "none",
  };
}

export function placeOf(entry: Entry, line: number): Place {
  return entry.places?.[line] ?? { fate: entry.fate, line };
}

export function settle(entry: Entry, line: number, receipt: Receipt): void {
  const place = placeOf(entry, line);
  place.fate.settle(place.line, receipt);
}

export function isSent(entry: Entry): boolean {
  return entry.sentBytes >= entry.segment.bytes;
}

export function unsentLines(entry: Entry): number {
  return entry.segment.lines - entry.sentLines - entry.refused.size;
}

export function unsentBytes(entry: Entry): number {
  return entry.segment.bytes - entry.sentBytes;
}

/** What is yet to be sent, line by line with its place. */
export function remaining(entry: Entry): { text: string; place: Place }[] {
  const text = entry.segment.read(entry.sentBytes, unsentBytes(entry)).toString();
  return text
    .split(/(?<=\n)/)
    .map((line, index) => ({ line: entry.sentLines + index, text: line }))
    .filter(({ line }) => !entry.refused.has(line))
    .map(({ line, text: kept }) => ({ text: kept, place: placeOf(entry, line) }));
}

/** At least one line, also when that is larger than `maxBytes`. */
export function readBatch(entry: Entry, maxBytes: number, maxRecords: number): Batch {
  const text = readLines(entry, maxBytes);
  const lines: Buffer[] = [];
  let end = 0;
  while (end < text.length && lines.length < maxRecords) {
    const next = text.indexOf(lineFeed, end) + 1;
    lines.push(text.subarray(end, next));
    end = next;
  }
  const lineNumbers = lines
    .map((_, index) => entry.sentLines + index)
    .filter((line) => !entry.refused.has(line));
  const whole = lineNumbers.length === lines.length;
  const kept = lineNumbers.map((line) => lines[line - entry.sentLines] as Buffer);
  return {
    entry,
    body: whole ? text.subarray(0, end) : Buffer.concat(kept),
    records: lineNumbers.length,
    bytes: end,
    lineNumbers,
    endLine: entry.sentLines + lines.length,
  };
}

function readLines({ segment, sentBytes }: Entry, maxBytes: number): Buffer {
  for (let length = maxBytes; ; length *= 2) {
    const text = segment.read(sentBytes, length);
    const end = text.lastIndexOf(lineFeed) + 1;
    if (end > 0) return text.subarray(0, end);
    if (text.length < length) throw new Error(`no line at byte ${sentBytes} of ${segment.path}`);
  }
}

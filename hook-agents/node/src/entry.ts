import type { Receipt } from "./api.ts";
import { createFate, type Fate, type Place } from "./fate.ts";
import type { PlacedLine } from "./relief.ts";
import { countLines, createMemorySegment, type Segment } from "./segment.ts";
import type { Spool } from "./spool.ts";

const lineFeed = 10;

/** A segment in the queue and how far it has been sent. */
export interface Entry {
  readonly segment: Segment;
  /** Null in memory. */
  readonly spool: Spool | null;
  readonly fate: Fate;
  /** The places of the segment's lines, when they are not simply all the lines of `fate`. */
  readonly places: readonly Place[] | null;
  sentBytes: number;
  sentLines: number;
  /** Lines that the service has refused; passed over, and settled in their turn. */
  readonly refused: Map<number, Receipt>;
  /** May hold a bulk record worth shortening. */
  bulky: boolean;
  /** Has nothing left but what tells the session's life. */
  readonly stripped: boolean;
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

export function createEntry(
  segment: Segment,
  spool: Spool | null,
  given: Partial<Entry> = {},
): Entry {
  const { sentBytes = 0 } = given;
  return {
    segment,
    spool,
    fate: createFate(),
    places: null,
    sentBytes,
    sentLines: sentBytes === 0 ? 0 : countLines(segment.read(0, sentBytes)),
    refused: new Map(),
    bulky: false,
    stripped: false,
    ...given,
  };
}

/** The entry that stands for `entry` with other lines, in `spool` or in memory. May throw what the file system throws. */
export function rewriteEntry(
  entry: Entry,
  lines: readonly PlacedLine[],
  spool: Spool | null,
  given: Partial<Entry> = {},
): Entry {
  const places = lines.map((line) => line.place);
  if (spool) {
    const text = lines.map((line) => line.text).join("");
    return createEntry(spool.rewriteSegment(entry.segment, text), spool, { places, ...given });
  }
  const segment = createMemorySegment();
  for (const line of lines) segment.append(line.text);
  return createEntry(segment, null, { places, ...given });
}

export function placeOf(entry: Entry, line: number): Place {
  return entry.places?.[line] ?? { fate: entry.fate, line };
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

/** What is yet to be sent, line by line. */
export function remaining(entry: Entry): PlacedLine[] {
  if (isSent(entry)) return [];
  const text = entry.segment.read(entry.sentBytes, unsentBytes(entry)).toString();
  return text
    .split(/(?<=\n)/)
    .map((line, index) => ({ number: entry.sentLines + index, text: line }))
    .filter(({ number }) => !entry.refused.has(number))
    .map(({ number, text: line }) => ({ text: line, place: placeOf(entry, number) }));
}

/**
 * At least one line, also when that is larger than `maxBytes`; no record when all of them were refused.
 * @returns undefined when the lines that should be there are not
 */
export function readBatch(entry: Entry, maxBytes: number, maxRecords: number): Batch | undefined {
  const text = readLines(entry, maxBytes);
  if (text === undefined) return undefined;
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
  const kept = lines.filter((_, index) => !entry.refused.has(entry.sentLines + index));
  return {
    entry,
    body: whole ? text.subarray(0, end) : Buffer.concat(kept),
    records: lineNumbers.length,
    bytes: end,
    lineNumbers,
    endLine: entry.sentLines + lines.length,
  };
}

export function acknowledgeBatch({ entry, bytes, endLine }: Batch, receipt: Receipt): void {
  for (let line = entry.sentLines; line < endLine; line += 1) {
    const place = placeOf(entry, line);
    place.fate.settle(place.line, entry.refused.get(line) ?? receipt);
    entry.refused.delete(line);
  }
  entry.sentBytes += bytes;
  entry.sentLines = endLine;
}

function readLines({ segment, sentBytes }: Entry, maxBytes: number): Buffer | undefined {
  for (let length = maxBytes; ; length *= 2) {
    const text = segment.read(sentBytes, length);
    const end = text.lastIndexOf(lineFeed) + 1;
    if (end > 0) return text.subarray(0, end);
    if (text.length < length) return undefined;
  }
}

import { uuidv7 } from "uuidv7";

import type { DropReason } from "./api.ts";
import { isBulk, shortenLine } from "./command.ts";
import { createFate, type Place } from "./fate.ts";

/** A line of the queue and where its fate is told. */
export interface PlacedLine {
  readonly text: string;
  readonly place: Place;
}

export interface Relief {
  readonly lines: PlacedLine[];
  readonly shortened: number;
  readonly dropped: PlacedLine[];
}

/** A bulk record of more bytes than this counts as bulky, and has at most this many once it is shortened. */
export const bulkyBytes = 1_024;

const droppedIdPrefix = "dropped-";
const droppedStart = `{"type":"action","id":"${droppedIdPrefix}`;

export function shortenLines(lines: PlacedLine[]): Relief {
  let shortened = 0;
  const kept = lines.map((line) => {
    if (line.text.length <= bulkyBytes || !isBulkLine(line.text)) return line;
    shortened += 1;
    return { ...line, text: shortenLine(line.text, bulkyBytes).text };
  });
  return { lines: kept, shortened, dropped: [] };
}

/** Keeps what tells the session's life, and one action that says how much went. */
export function stripLines(lines: PlacedLine[]): Relief {
  const dropped = lines.filter((line) => isBulkLine(line.text));
  const kept = lines.filter((line) => !isBulkLine(line.text));
  const rest = kept.filter((line) => reportedLoss(line.text) === undefined);
  const records = kept.reduce((sum, { text }) => sum + (reportedLoss(text) ?? 0), dropped.length);
  if (records === 0) return { lines: rest, shortened: 0, dropped };
  const report = { text: droppedLine(records), place: { fate: createFate(), line: 0 } };
  return { lines: [report, ...rest], shortened: 0, dropped };
}

/** The action that owns up to records that went. */
export function droppedLine(records: number, reason: DropReason = "spool_full"): string {
  const data = {
    timestamp: new Date().toISOString(),
    type: "records_dropped",
    details: { records, reason },
  };
  const id = `${droppedIdPrefix}${uuidv7()}`;
  return `${JSON.stringify({ type: "action", id, data })}\n`;
}

/** How many records an earlier report says went; undefined for any other line, whatever id its caller chose. */
function reportedLoss(line: string): number | undefined {
  if (!line.startsWith(droppedStart)) return undefined;
  const { data } = JSON.parse(line) as { data: { type: string; details?: { records?: unknown } } };
  const records = data.details?.records;
  return data.type === "records_dropped" && typeof records === "number" ? records : undefined;
}

/** The library writes these lines itself, so their beginning tells enough and nothing has to be parsed. */
function isBulkLine(line: string): boolean {
  if (reportedLoss(line) !== undefined) return false;
  return isBulk(/^\{"type":"(\w+)"/.exec(line)?.[1]);
}

import { createHash } from "node:crypto";

import { isObject, textOf } from "./payload.ts";

/** One shortened text: where it stands in the record (JSON pointer), and what it was. */
export interface Shortened {
  readonly field: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** JSON text of one record, in bytes; the service would take more, people would not read it. */
export const recordBytes = 262_144;
/** Room for the members around the payload's. */
const envelopeBytes = 8_192;
/** Below the service's limits of 64 levels and 10,000 keys. */
const maxDepth = 48;
const maxKeys = 5_000;

const briefBytes = 65_536;

/** Texts longer than this are cut, in bytes: the first that makes the record fit is taken. */
const cuts = [65_536, 16_384, 4_096, 1_024, 256];

/**
 * Cuts long texts until the JSON text of the value has at most `maxBytes`; what was cut is told by
 * `shortened`. A value too deep or too wide for the service becomes its own JSON text, cut.
 */
export function shorten(
  value: unknown,
  maxBytes = recordBytes - envelopeBytes,
): { value: unknown; shortened: Shortened[] } {
  const fits = isFlat(value);
  if (fits && sizeOf(value) <= maxBytes) return { value, shortened: [] };
  if (fits)
    for (const cut of cuts) {
      const shortened: Shortened[] = [];
      const result = cutTexts(value, "", cut, shortened);
      if (sizeOf(result) <= maxBytes) return { value: result, shortened };
    }
  const text = JSON.stringify(value);
  const cut = Math.min(cuts[0] ?? maxBytes, Math.floor(maxBytes / 4));
  return { value: head(text, cut), shortened: [describe("", text)] };
}

/** A text that stands outside of a record: cut, without a note. */
export function briefOf(value: unknown, member: string): string | null {
  const text = textOf(value, member) ?? null;
  return text === null || Buffer.byteLength(text) <= briefBytes ? text : head(text, 2 * briefBytes);
}

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? "");

function isFlat(value: unknown): boolean {
  let keys = 0;
  const walk = (inner: unknown, depth: number): boolean => {
    if (typeof inner !== "object" || inner === null) return true;
    const members = Object.values(inner);
    keys += members.length;
    if (depth >= maxDepth || keys > maxKeys) return false;
    return members.every((member) => walk(member, depth + 1));
  };
  return walk(value, 1);
}

function cutTexts(value: unknown, field: string, bytes: number, shortened: Shortened[]): unknown {
  if (typeof value === "string") {
    if (value.length * 3 <= bytes || Buffer.byteLength(value) <= bytes) return value;
    shortened.push(describe(field, value));
    return head(value, bytes);
  }
  const inner = (member: unknown, key: string | number) =>
    cutTexts(member, `${field}/${escapePointer(String(key))}`, bytes, shortened);
  if (Array.isArray(value)) return value.map(inner);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, inner(member, key)]),
  );
}

const describe = (field: string, text: string): Shortened => ({
  field,
  bytes: Buffer.byteLength(text),
  sha256: createHash("sha256").update(text).digest("hex"),
});

/** RFC 6901, section 3. */
const escapePointer = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** Half of the room, so that escapes in the JSON text rarely need the next cut; never half a character. */
function head(text: string, bytes: number): string {
  let cut = Buffer.from(text.slice(0, bytes))
    .subarray(0, Math.floor(bytes / 2))
    .toString();
  // A character that was cut in two ends as U+FFFD.
  while (cut.endsWith("\uFFFD")) cut = cut.slice(0, -1);
  return `${cut}…`;
}

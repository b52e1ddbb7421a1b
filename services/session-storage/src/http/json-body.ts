import { isUtf8 } from "node:buffer";

import { limits } from "@sessions/contract";

import { ServiceError } from "../domain/errors.ts";
import { pointerAt } from "./json-pointer.ts";

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const colon = 0x3a;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;

export interface RecordLimits {
  readonly bytes: number;
  /** The setting or limit that says how many bytes. */
  readonly name: string;
  readonly depth: number;
  readonly keys: number;
}

export const recordLimits = (bytes: number): RecordLimits => ({
  bytes,
  name: "MAX_RECORD_BYTES",
  depth: limits.depth,
  keys: limits.keys,
});
const defaultLimits = recordLimits(limits.recordBytes);
export const entryLimits: RecordLimits = {
  bytes: limits.entryBytes,
  name: "entryBytes",
  depth: limits.entryDepth,
  keys: limits.entryKeys,
};

/** Digits that every double keeps; only longer numbers need a closer look. */
const safeNumberLength = 15;

/**
 * JSON text to a value that says the same: what JavaScript would change in silence (invalid UTF-8,
 * numbers beyond a double) and what would harm the service (depth, keys, size) is refused first.
 * The limits are a record's; an array is a batch of records.
 */
export function parseJson(bytes: Buffer, limitsOfRecord: RecordLimits = defaultLimits): unknown {
  if (!isUtf8(bytes)) throw new ServiceError("malformed_json", "the body is not valid UTF-8");
  checkLimits(bytes, limitsOfRecord);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new ServiceError("malformed_json", `the body is not JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unreadable";
}

function checkLimits(bytes: Buffer, limitsOfRecord: RecordLimits): void {
  let depth = 0;
  let keys = 0;
  let recordAt = 0;
  // A batch is a level of its own, and each of its records has its own limits.
  const batchDepth = isArray(bytes) ? 1 : 0;

  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === quote) {
      at = endOfString(bytes, at);
    } else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth === batchDepth) recordAt = at + 1;
      if (depth - batchDepth > limitsOfRecord.depth)
        throw beyond(bytes, at, `is nested deeper than ${limitsOfRecord.depth} levels (depth)`);
    } else if (byte === closeBrace || byte === closeBracket) {
      if (depth === batchDepth) {
        checkRecordSize(at - recordAt, limitsOfRecord);
        recordAt = at + 1;
      }
      depth -= 1;
    } else if (byte === colon) {
      keys += 1;
      if (keys > limitsOfRecord.keys)
        throw beyond(bytes, at, `has more than ${limitsOfRecord.keys} keys in one record (keys)`);
    } else if (byte === comma && depth === batchDepth) {
      checkRecordSize(at - recordAt, limitsOfRecord);
      recordAt = at + 1;
      keys = 0;
    } else if (byte === minus || (byte >= zero && byte <= nine)) {
      const end = endOfNumber(bytes, at);
      if (!isExact(bytes, at, end)) {
        throw beyond(
          bytes,
          at,
          "is a number that a double can't hold exactly; send it as a string",
        );
      }
      at = end - 1;
    }
  }
  checkRecordSize(bytes.length - recordAt, limitsOfRecord);
}

function checkRecordSize(size: number, { bytes, name }: RecordLimits): void {
  if (size <= bytes) return;
  throw new ServiceError(
    "payload_too_large",
    `a record has ${size} bytes; the limit is ${bytes} (${name})`,
  );
}

function isArray(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte > 0x20) return byte === openBracket;
  return false;
}

function endOfString(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function endOfNumber(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && isNumberByte(bytes[at] as number)) at += 1;
  return at;
}

/** Digits, `.`, `e`, `E`, `+`, `-`. */
function isNumberByte(byte: number): boolean {
  return (
    (byte >= zero && byte <= nine) ||
    byte === 0x2e ||
    byte === 0x65 ||
    byte === 0x45 ||
    byte === 0x2b ||
    byte === minus
  );
}

/** Integers must come back digit for digit or name the same number; fractions may be rounded, but not to infinity or to nothing. */
function isExact(bytes: Buffer, from: number, to: number): boolean {
  const text = bytes.toString("latin1", from, to);
  const hasExponent = text.includes("e") || text.includes("E");
  if (to - from <= safeNumberLength && !hasExponent) return true;
  const value = Number(text);
  if (Number.isNaN(value)) return true; // Not JSON: the parser says so better.
  if (!Number.isFinite(value)) return false;
  if (value === 0) return !/[1-9]/.test(text.split(/e/i)[0] ?? "");
  return !/^-?\d+$/.test(text) || String(value) === text || BigInt(text) === BigInt(value);
}

function beyond(bytes: Buffer, at: number, message: string): ServiceError {
  const field = pointerAt(bytes.toString("utf8", 0, at));
  return new ServiceError("invalid_content", `${field || "the body"} ${message}`, {
    errors: [{ field, message }],
  });
}

import { crc32 } from "node:zlib";

const trailerStart = ',"_c":"';
const trailerEnd = '"}';
/** `,"_c":"` + 8 hex digits + `"}` */
const trailerBytes = trailerStart.length + 8 + trailerEnd.length;
const hexDigits = "0123456789abcdef";

/**
 * @param open JSON object text without its closing brace, such as `{"a":1,"_d":5`
 * @returns the line with its CRC-32 trailer and newline
 */
export function sealLine(open: string): Buffer {
  return Buffer.from(`${open}${trailerStart}${hex(crc32(open))}${trailerEnd}\n`);
}

/**
 * @param line a line without its newline
 * @returns its JSON text, trailer included; undefined when the trailer or the checksum is wrong
 */
export function openLine(line: Buffer): string | undefined {
  return isWholeLine(line) ? line.toString("utf8") : undefined;
}

/** The check of `openLine` without making the text. */
export function isWholeLine(line: Buffer): boolean {
  const end = line.length - trailerBytes;
  return end > 0 && hasTrailerAt(line, end, crc32(line.subarray(0, end)));
}

/**
 * The length of the whole line that `bytes` begins with, although no newline ends it there: what is left
 * when the newline itself was damaged and two lines became one. Undefined when there is none.
 */
export function wholeLineWithin(bytes: Buffer): number | undefined {
  let crc = 0;
  let done = 0;
  for (
    let end = bytes.indexOf(trailerStart);
    end !== -1;
    end = bytes.indexOf(trailerStart, end + 1)
  ) {
    crc = crc32(bytes.subarray(done, end), crc);
    done = end;
    if (hasTrailerAt(bytes, end, crc)) return end + trailerBytes;
  }
  return undefined;
}

function hasTrailerAt(bytes: Buffer, end: number, crc: number): boolean {
  if (!matchesAt(bytes, end, trailerStart)) return false;
  const digitsAt = end + trailerStart.length;
  for (let digit = 0; digit < 8; digit += 1)
    if (bytes[digitsAt + digit] !== hexDigits.charCodeAt((crc >>> (28 - 4 * digit)) & 15))
      return false;
  return matchesAt(bytes, digitsAt + 8, trailerEnd);
}

/** @param text ASCII. Compares byte by byte: a string for each line that recovery checks would cost more than its CRC. */
export function matchesAt(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}

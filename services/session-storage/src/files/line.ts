import { crc32 } from "node:zlib";

const trailerStart = ',"_c":"';
/** `,"_c":"` + 8 hex digits + `"}` */
const trailerBytes = trailerStart.length + 8 + 2;
const newline = 0x0a;

/**
 * @param open JSON object text without its closing brace, such as `{"a":1,"_d":5`
 * @returns the line with its CRC-32 trailer and newline
 */
export function sealLine(open: string): Buffer {
  return Buffer.from(`${open}${trailerStart}${hex(crc32(open))}"}\n`);
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

export function endsWithNewline(bytes: Buffer): boolean {
  return bytes[bytes.length - 1] === newline;
}

function hasTrailerAt(bytes: Buffer, end: number, crc: number): boolean {
  return bytes.toString("latin1", end, end + trailerBytes) === `${trailerStart}${hex(crc)}"}`;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}

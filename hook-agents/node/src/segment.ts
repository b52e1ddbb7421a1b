import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";

const lineFeed = 10;

/** A stretch of the queue: whole lines, appended at the end and read from the start. */
export interface Segment {
  /** Null in memory. */
  readonly path: string | null;
  readonly bytes: number;
  readonly lines: number;
  /** Throws when the line could not be stored whole; then nothing of it counts. */
  append(line: string): void;
  /** Up to `length` bytes from byte `from`, which begins a line. */
  read(from: number, length: number): Buffer;
  /** Lets go of what it holds open and leaves its file. */
  close(): void;
  remove(): void;
}

export function createMemorySegment(): Segment {
  const lines: Buffer[] = [];
  let bytes = 0;
  return {
    path: null,
    get bytes() {
      return bytes;
    },
    get lines() {
      return lines.length;
    },
    append(line) {
      const buffer = Buffer.from(line);
      lines.push(buffer);
      bytes += buffer.length;
    },
    read(from, length) {
      const parts: Buffer[] = [];
      let start = 0;
      for (const line of lines) {
        if (start >= from + length) break;
        if (start >= from) parts.push(line);
        start += line.length;
      }
      return Buffer.concat(parts).subarray(0, length);
    },
    close() {},
    remove() {
      lines.length = 0;
      bytes = 0;
    },
  };
}

/** Opens or creates the file. A last line without its line feed is completed when it is JSON, and cut when not. */
export function openFileSegment(path: string): Segment {
  // One write to an O_APPEND descriptor: after kill -9 a line is there or is the torn last one.
  const descriptor = openSync(path, "a+", 0o600);
  let { bytes, lines } = measure(descriptor);

  return {
    path,
    get bytes() {
      return bytes;
    },
    get lines() {
      return lines;
    },
    append(line) {
      const length = Buffer.byteLength(line);
      const written = writeSync(descriptor, line);
      if (written !== length) {
        ftruncateSync(descriptor, bytes);
        throw new Error(`short write: ${written} of ${length} bytes`);
      }
      bytes += length;
      lines += 1;
    },
    read(from, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, bytes - from)));
      return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, from));
    },
    close() {
      closeSync(descriptor);
    },
    remove() {
      closeSync(descriptor);
      rmSync(path, { force: true });
    },
  };
}

function measure(descriptor: number): { bytes: number; lines: number } {
  const size = fstatSync(descriptor).size;
  if (size === 0) return { bytes: 0, lines: 0 };
  const content = Buffer.allocUnsafe(size);
  const text = content.subarray(0, readSync(descriptor, content, 0, size, 0));
  const wholeBytes = text.lastIndexOf(lineFeed) + 1;
  const lines = countLines(text.subarray(0, wholeBytes));
  if (wholeBytes === text.length) return { bytes: wholeBytes, lines };
  if (isJson(text.subarray(wholeBytes))) {
    writeSync(descriptor, "\n");
    return { bytes: text.length + 1, lines: lines + 1 };
  }
  ftruncateSync(descriptor, wholeBytes);
  return { bytes: wholeBytes, lines };
}

export function countLines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(lineFeed); at !== -1; at = text.indexOf(lineFeed, at + 1)) count += 1;
  return count;
}

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}

import * as blocking from "node:fs";
import * as threads from "node:fs/promises";

/** The part of Node's FileHandle that is used here. */
export interface OpenFile {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
  /** @param position where to write; null: where the last write ended */
  write(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ bytesWritten: number }>;
  stat(): Promise<{ size: number }>;
  truncate(size: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

let isBlocking = false;

/**
 * While the task runs, files are opened, read and written by calls that block: some 5 µs each, where the way
 * through libuv's threads and back takes 60 µs. For work that nobody can wait beside, such as a start.
 */
export async function whileNobodyWaits<T>(task: () => Promise<T>): Promise<T> {
  isBlocking = true;
  try {
    return await task();
  } finally {
    isBlocking = false;
  }
}

export async function open(path: string, flags: string): Promise<OpenFile> {
  if (!isBlocking) return threads.open(path, flags);
  const fd = blocking.openSync(path, flags);
  return {
    read: async (...part) => ({ bytesRead: blocking.readSync(fd, ...part) }),
    write: async (...part) => ({ bytesWritten: blocking.writeSync(fd, ...part) }),
    stat: async () => blocking.fstatSync(fd),
    truncate: async (size) => blocking.ftruncateSync(fd, size),
    sync: async () => blocking.fsyncSync(fd),
    close: async () => blocking.closeSync(fd),
  };
}

export async function stat(path: string): Promise<blocking.Stats> {
  return isBlocking ? blocking.statSync(path) : threads.stat(path);
}

export async function readText(path: string): Promise<string> {
  return isBlocking ? blocking.readFileSync(path, "utf8") : threads.readFile(path, "utf8");
}

export async function readNames(path: string): Promise<string[]> {
  return isBlocking ? blocking.readdirSync(path) : threads.readdir(path);
}

export async function readTree(path: string): Promise<blocking.Dirent[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  return isBlocking ? blocking.readdirSync(path, options) : threads.readdir(path, options);
}

/** @returns the first folder that was made, undefined when all were there */
export async function mkdir(path: string): Promise<string | undefined> {
  const options = { recursive: true } as const;
  return isBlocking ? blocking.mkdirSync(path, options) : threads.mkdir(path, options);
}

import type { OpenFile } from "./calls.ts";

export interface FileLine {
  /** The byte of the file where the line begins. */
  readonly at: number;
  /** Without the newline. */
  readonly bytes: Buffer;
  /** false only for bytes at the end of the file that no newline ends. */
  readonly terminated: boolean;
}

export const newline = 0x0a;
export const defaultChunkBytes = 262_144;

/** Fewer bytes than `length` only at the end of the file. */
export async function readAt(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(chunk, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return chunk.subarray(0, filled);
}

import { type FileHandle, open } from "node:fs/promises";

import { ServiceError } from "../../domain/errors.ts";
import { isDiskFull } from "../../files/errno.ts";
import { writeWhole } from "../../files/open-file.ts";
import { syncDirectory } from "../../files/write.ts";
import type { Position } from "../journal.ts";
import { type Segment, segmentAt } from "./segments.ts";

/** Writes at the end of the newest segment, whole batches only. */
export interface SegmentWriter {
  /**
   * Writes `bytes`, whose first line has position `first`, in one call; begins a new segment when they do not fit.
   * Throws `storage_full` after cutting back to where the batch began, or whatever else went wrong; the file is then
   * not to be written again.
   */
  write(first: Position, bytes: Buffer): Promise<void>;
  /** Throws `storage_read_only` when it fails, for what is on disk is then unknown. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export async function openSegmentWriter(
  directory: string,
  segments: Segment[],
  segmentBytes: number,
): Promise<SegmentWriter> {
  let active = segments.at(-1);
  let file: FileHandle | undefined;
  let isSynced = true;

  async function sync() {
    if (file === undefined || isSynced) return;
    try {
      await file.datasync();
      isSynced = true;
    } catch (error) {
      throw readOnly("the disk did not take what was written", error);
    }
  }

  async function begin(first: Position): Promise<Segment> {
    // Its name will say that everything before it is durable.
    await sync();
    await file?.close();
    file = undefined;
    const segment = segmentAt(directory, first);
    const begun = await open(segment.path, "a");
    try {
      await syncDirectory(directory);
    } catch (error) {
      await begun.close();
      throw readOnly("the journal's folder did not take a new segment", error);
    }
    file = begun;
    segments.push(segment);
    active = segment;
    return segment;
  }

  async function segmentFor(first: Position, byteCount: number): Promise<Segment> {
    if (active === undefined) return begin(first);
    if (active.byteCount > 0 && active.byteCount + byteCount > segmentBytes) return begin(first);
    file ??= await open(active.path, "a");
    return active;
  }

  return {
    sync,
    async write(first, bytes) {
      const segment = await segmentFor(first, bytes.length);
      if (file === undefined) throw new Error(`${segment.path} is not open`);
      isSynced = false;
      try {
        await writeWhole(file, bytes);
      } catch (error) {
        if (isDiskFull(error)) await cutBack(file, segment.byteCount);
        throw error;
      }
      segment.byteCount += bytes.length;
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}

async function cutBack(file: FileHandle, byteCount: number): Promise<void> {
  try {
    await file.truncate(byteCount);
  } catch (error) {
    throw readOnly("a part of a write cannot be taken back", error);
  }
}

function readOnly(detail: string, cause: unknown): ServiceError {
  return new ServiceError("storage_read_only", detail, { cause });
}

import { randomBytes } from "node:crypto";
import { open, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";

import { syncDirectory } from "./directory.ts";
import { isDiskFull } from "./errno.ts";
import { writeWhole } from "./open-file.ts";
import { fileSize } from "./read.ts";

/** A file that only takes room, to be given up when the disk is full so that deleting can work. */
export interface Ballast {
  /** @returns whether it stands now, whole; false when there is no room for it */
  make(): Promise<boolean>;
  release(): Promise<void>;
}

const pieceBytes = 1_048_576;

export function createBallast(path: string, bytes: number): Ballast {
  const release = async () => {
    await rm(path, { force: true });
  };

  return {
    release,
    async make() {
      const size = await fileSize(path);
      if (size === bytes) return true;
      // Trying would take, for a moment, the little room that deletions need.
      const { bavail, bsize } = await statfs(dirname(path));
      if (bavail * bsize + size < bytes) return false;
      const ballast = await open(path, "w");
      try {
        // Random, because a file system that compresses gives zeros no room.
        const piece = randomBytes(Math.min(pieceBytes, bytes));
        for (let left = bytes; left > 0; left -= piece.length)
          await writeWhole(ballast, piece.subarray(0, Math.min(left, piece.length)));
        await ballast.sync();
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        await release();
        return false;
      } finally {
        await ballast.close();
      }
      await syncDirectory(dirname(path));
      return true;
    },
  };
}

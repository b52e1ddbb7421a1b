import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";

import { isErrno } from "./errno.ts";

export interface VolumeLock {
  release(): void;
}

/**
 * One writer per volume. The kernel keeps the lock with our open file: it outlives the `flock` command, holds between
 * host and containers, and goes when this process does. Synchronous, for it is the first thing a start does.
 * @param path of the LOCK file; its folder is the volume
 * Throws when another service holds the volume, or when there is no `flock` command.
 */
export function lockVolume(path: string): VolumeLock {
  const volume = dirname(path);
  const lock = openSync(path, "a");
  try {
    const flock = spawnSync("flock", ["-n", "-x", "3"], {
      stdio: ["ignore", "ignore", "pipe", lock],
      encoding: "utf8",
    });
    if (isErrno(flock.error, "ENOENT"))
      throw new Error(
        "the command flock is missing; install the package util-linux, which locks the volume",
        { cause: flock.error },
      );
    if (flock.error !== undefined) throw flock.error;
    // flock's own exit status for a lock that is taken; its failures have others.
    if (flock.status === 1) throw new Error(`another service holds the volume ${volume}`);
    if (flock.status !== 0)
      throw new Error(
        `cannot lock the volume ${volume}: ${flock.stderr.trim() || `flock ended with ${flock.signal ?? flock.status}`}`,
      );
  } catch (error) {
    closeSync(lock);
    throw error;
  }
  return { release: () => closeSync(lock) };
}

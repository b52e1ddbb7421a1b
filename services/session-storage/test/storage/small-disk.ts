import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

export interface SmallDisk {
  readonly root: string;
  /** Fills the disk until `freeBytes` are left. */
  fill(freeBytes: number): Promise<void>;
  /** Takes back what `fill` wrote. */
  free(): Promise<void>;
}

function mount(root: string, byteCount: number): string | undefined {
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${byteCount}`, "tmpfs", root], {
    encoding: "utf8",
  });
  if (mounted.error !== undefined) return mounted.error.message;
  return mounted.status === 0 ? undefined : mounted.stderr.trim();
}

/** Why `createSmallDisk` cannot work on this machine. */
export function whyNoSmallDisk(): string | undefined {
  const root = mkdtempSync(join(tmpdir(), "disk-"));
  const reason = mount(root, 65_536);
  if (reason === undefined) spawnSync("umount", [root]);
  rmdirSync(root);
  return reason === undefined ? undefined : `a tmpfs cannot be mounted: ${reason}`;
}

/** A disk of its own for the test that runs; a multiple of the page size. */
export function createSmallDisk(byteCount: number): SmallDisk {
  const root = mkdtempSync(join(tmpdir(), "disk-"));
  const reason = mount(root, byteCount);
  if (reason !== undefined) throw new Error(reason);
  onTestFinished(() => {
    spawnSync("umount", ["-l", root]);
    rmdirSync(root);
  });
  const filler = join(root, "filler");

  return {
    root,
    async fill(freeBytes) {
      const { bavail, bsize } = await statfs(root);
      await writeFile(filler, Buffer.alloc(bavail * bsize - freeBytes, 1));
    },
    free: () => rm(filler),
  };
}

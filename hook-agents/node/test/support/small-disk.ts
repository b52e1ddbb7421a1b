import { spawnSync } from "node:child_process";

import { onTestFinished } from "vitest";

import { temporaryDirectory } from "./temporary-directory.ts";

/** A file system of its own with `bytes` of room; undefined where mounting isn't allowed. */
export function mountSmallDisk(bytes: number): string | undefined {
  const directory = temporaryDirectory();
  const options = ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", directory];
  if (spawnSync("mount", options, { stdio: "ignore" }).status !== 0) return undefined;
  onTestFinished(() => {
    spawnSync("umount", ["-l", directory], { stdio: "ignore" });
  });
  return directory;
}

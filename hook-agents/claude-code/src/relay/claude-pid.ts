import { findProcess } from "@sessions/hook-agent/process";

const shells = /^(sh|dash|bash|ash|zsh|busybox)$/;
const maxShells = 4;

/** A command hook runs in a shell, which may or may not be a process of its own: its first ancestor that is none. */
export function findClaudePid(parentPid: number): number | undefined {
  let pid = parentPid;
  for (let depth = 0; depth < maxShells; depth += 1) {
    const parent = findProcess(pid);
    if (!parent) return undefined;
    if (!shells.test(parent.name)) return pid;
    pid = parent.parentPid;
  }
  return undefined;
}

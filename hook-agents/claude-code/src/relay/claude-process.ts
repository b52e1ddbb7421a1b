import { readFileSync } from "node:fs";

/** A process that can be told from a later one with the same id. */
export interface ClaudeProcess {
  readonly pid: number;
  /** proc(5): clock ticks from the boot to its start. */
  readonly startTicks: string;
}

/** @returns undefined when this system, or this container, doesn't show the process */
export function findProcess(pid: number): ClaudeProcess | undefined {
  const startTicks = fieldsOf(pid)?.startTicks;
  return startTicks === undefined ? undefined : { pid, startTicks };
}

export function isGone({ pid, startTicks }: ClaudeProcess): boolean {
  const fields = fieldsOf(pid);
  return fields === undefined || fields.startTicks !== startTicks || fields.state === "Z";
}

const shells = /^(sh|dash|bash|ash|zsh|busybox)$/;
const maxShells = 4;

/** A command hook runs in a shell, which may or may not be a process of its own: its first ancestor that is none. */
export function findClaudePid(parentPid: number): number | undefined {
  let pid = parentPid;
  for (let depth = 0; depth < maxShells; depth += 1) {
    const fields = fieldsOf(pid);
    if (!fields) return undefined;
    if (!shells.test(fields.name)) return pid;
    pid = fields.parentPid;
  }
  return undefined;
}

function fieldsOf(pid: number) {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // Gone, or a system without /proc.
    return undefined;
  }
  // proc(5): the name stands in brackets and may hold anything; after it come state (3), ppid (4) … starttime (22).
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  const [state = "", parentPid = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { name, state, parentPid: Number(parentPid), startTicks: rest[17] ?? "" };
}

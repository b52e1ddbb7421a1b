import { readFileSync, readlinkSync } from "node:fs";

/** Names a process so that another one can tell whether it is still there. */
export interface KnownProcess {
  readonly pid: number;
  /** Clock ticks from the boot to the start of the process; 0 where the system doesn't tell. */
  readonly startTicks: string;
  /** The pid namespace and the boot that give the pid its meaning. */
  readonly realm: string;
}

export type Life = "alive" | "gone" | "unknown";

/** What a system shows of a process. */
export interface ShownProcess extends KnownProcess {
  readonly name: string;
  readonly parentPid: number;
}

/** This process. Costs three small reads of /proc. */
export function thisProcess(): KnownProcess {
  const { pid } = process;
  return { pid, startTicks: statOf(pid)?.startTicks ?? "0", realm: thisRealm() };
}

/** @returns undefined when it has ended, or when this system, or this container, doesn't show it */
export function findProcess(pid: number): ShownProcess | undefined {
  const stat = statOf(pid);
  return stat && { pid, realm: thisRealm(), ...stat };
}

/** `unknown` when it lives, or lived, in another container: its pid says nothing here. */
export function lifeOf(known: KnownProcess, self = thisProcess()): Life {
  if (known.realm !== self.realm) return "unknown";
  const startTicks = statOf(known.pid)?.startTicks;
  if (startTicks !== undefined) return startTicks === known.startTicks ? "alive" : "gone";
  return known.startTicks === "0" && answersSignals(known.pid) ? "alive" : "gone";
}

function thisRealm(): string {
  const boot = read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8));
  const namespace = read(() => /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]);
  return `${boot ?? "0"}-${namespace ?? "0"}`;
}

function statOf(pid: number) {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (stat === undefined) return undefined;
  // proc(5): the name, field 2, stands in brackets and may hold anything; ppid is field 4, starttime field 22.
  const nameEnd = stat.lastIndexOf(")");
  const [state, parentPid, ...rest] = stat.slice(nameEnd + 2).split(" ");
  const startTicks = rest[17];
  // A zombie has ended; only its parent hasn't looked yet.
  if (state === "Z" || startTicks === undefined) return undefined;
  const name = stat.slice(stat.indexOf("(") + 1, nameEnd);
  return { name, parentPid: Number(parentPid), startTicks };
}

function answersSignals(pid: number): boolean {
  return read(() => process.kill(pid, 0)) ?? false;
}

/** Where /proc is not what Linux promises, the answer is "not known", not an error. */
function read<Value>(get: () => Value): Value | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

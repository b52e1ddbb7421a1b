import { readFileSync, readlinkSync } from "node:fs";

/** Names a process so that another one can tell whether it is still there. */
export interface Owner {
  readonly pid: number;
  /** Clock ticks from the boot to the start of the process; 0 where the system doesn't tell. */
  readonly startTicks: string;
  /** The pid namespace and the boot that give the pid its meaning. */
  readonly realm: string;
}

export type Life = "alive" | "gone" | "unknown";

/** This process. Costs three small reads of /proc. */
export function currentOwner(): Owner {
  const boot = read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8));
  const namespace = read(() => /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]);
  return {
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? "0",
    realm: `${boot ?? "0"}-${namespace ?? "0"}`,
  };
}

/** `unknown` when the owner lives, or lived, in another container: its pid says nothing here. */
export function lifeOf(owner: Owner, self: Owner): Life {
  if (owner.realm !== self.realm) return "unknown";
  const startTicks = startTicksOf(owner.pid);
  if (startTicks !== undefined) return startTicks === owner.startTicks ? "alive" : "gone";
  return owner.startTicks === "0" && answersSignals(owner.pid) ? "alive" : "gone";
}

function startTicksOf(pid: number): string | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // proc(5): the name, field 2, stands in brackets and may hold anything; starttime is field 22.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended; only its parent hasn't looked yet.
  return fields?.[0] === "Z" ? undefined : fields?.[19];
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

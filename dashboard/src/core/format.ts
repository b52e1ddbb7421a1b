const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `840 ms`, `12.3 s`, `4 m 05 s`, `3 h 10 m`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * second) return `${(ms / second).toFixed(1)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} m ${pad((ms % minute) / second)} s`;
  if (ms < day) return `${Math.floor(ms / hour)} h ${pad((ms % hour) / minute)} m`;
  return `${Math.floor(ms / day)} d ${Math.floor((ms % day) / hour)} h`;
}

const pad = (value: number) => String(Math.floor(value)).padStart(2, "0");

/** In one unit: `now`, `12 s`, `4 m`, `3 h`, `2 d`. */
export function formatAge(ms: number): string {
  if (ms < 2 * second) return "now";
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} m`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

const steps = ["", "k", "M", "G", "T"];
/** `950`, `1.2k`, `34k`, `5.6M`. */
export function formatCount(count: number): string {
  let value = count;
  let step = 0;
  while (Math.abs(value) >= 1_000 && step < steps.length - 1) {
    value /= 1_000;
    step += 1;
  }
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}${steps[step]}`;
}

/** `1.2 GB`; powers of 1,000. */
export function formatBytes(bytes: number): string {
  return `${formatCount(bytes)
    .replace(/([kMGT])$/, " $1")
    .replace(/(\d)$/, "$1 ")}B`;
}

export function formatCost(usd: number): string {
  return usd > 0 && usd < 0.01 ? "<$0.01" : `$${usd.toFixed(2)}`;
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** The viewer's local time of day. */
export const formatClock = (at: number): string => clock.format(at);
/** The viewer's local date and time with its zone. */
export const formatFull = (at: number): string => full.format(at);
